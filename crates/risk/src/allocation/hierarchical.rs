//! Hierarchical risk parity (Lopez de Prado 2016): members are put in an order in which similar ones
//! are neighbours, and the weight is split in halves of that order, by the inverse of their variance.
//!
//! Conventions of skfolio: distance `sqrt((1 - correlation) / 2)`, clusters by Ward's linkage, leaves
//! turned so that neighbours are near (after Bar-Joseph, Gifford and Jaakkola 2001; scipy's rule, which
//! is not always their optimum).

use nalgebra::DMatrix;

use super::Covariance;

/// Long-only weights; no matrix is inverted, so a singular covariance will do.
pub fn hierarchical_risk_parity(covariance: &Covariance) -> Vec<f64> {
    let members = covariance.members();
    let distance = distances(&covariance.matrix);
    let tree = Tree::ward(&distance);
    let order = tree.ordered_leaves(&distance);
    let mut weights = vec![1.0; members];
    let mut parts = vec![order.as_slice()];
    while let Some(part) = parts.pop() {
        if part.len() < 2 {
            continue;
        }
        let (left, right) = part.split_at(part.len() / 2);
        let risks = [left, right].map(|half| cluster_variance(covariance, half));
        let share = 1.0 - risks[0] / (risks[0] + risks[1]);
        left.iter().for_each(|member| weights[*member] *= share);
        right
            .iter()
            .for_each(|member| weights[*member] *= 1.0 - share);
        parts.extend([left, right]);
    }
    weights
}

fn distances(covariance: &DMatrix<f64>) -> DMatrix<f64> {
    DMatrix::from_fn(covariance.nrows(), covariance.nrows(), |i, j| {
        let product = covariance[(i, i)].sqrt() * covariance[(j, j)].sqrt();
        let correlation = (covariance[(i, j)] / product).clamp(-1.0, 1.0);
        if i == j {
            0.0
        } else {
            (0.5 * (1.0 - correlation)).sqrt()
        }
    })
}

/// Variance of the members weighted by the inverse of their variances.
fn cluster_variance(covariance: &Covariance, members: &[usize]) -> f64 {
    let matrix = &covariance.matrix;
    let inverse: Vec<f64> = members.iter().map(|m| matrix[(*m, *m)].recip()).collect();
    let total: f64 = inverse.iter().sum();
    let mut variance = 0.0;
    for (i, a) in members.iter().zip(&inverse) {
        for (j, b) in members.iter().zip(&inverse) {
            variance += a * b * matrix[(*i, *j)];
        }
    }
    variance / (total * total)
}

/// A binary tree of clusters; the first nodes are the members themselves, the last one is the root.
struct Tree {
    nodes: Vec<Node>,
}

struct Node {
    /// Nodes merged, the earlier one first; `None` for a member.
    children: Option<[usize; 2]>,
    leaves: Vec<usize>,
}

impl Tree {
    /// Merges the two nearest clusters until one is left, by Ward's distance in the form of Lance and
    /// Williams; of equal distances the first in order of their making.
    fn ward(distance: &DMatrix<f64>) -> Self {
        let members = distance.nrows();
        let mut nodes: Vec<Node> = (0..members)
            .map(|member| Node {
                children: None,
                leaves: vec![member],
            })
            .collect();
        let mut open: Vec<usize> = (0..members).collect();
        let size = (2 * members).saturating_sub(1);
        let mut apart = DMatrix::from_fn(size, size, |i, j| {
            if i < members && j < members {
                distance[(i, j)]
            } else {
                0.0
            }
        });
        while open.len() > 1 {
            let mut nearest = (open[0], open[1]);
            for (place, a) in open.iter().enumerate() {
                for b in &open[place + 1..] {
                    if apart[(*a, *b)] < apart[nearest] {
                        nearest = (*a, *b);
                    }
                }
            }
            let (a, b) = nearest;
            let made = nodes.len();
            open.retain(|node| *node != a && *node != b);
            let count = |node: usize| nodes[node].leaves.len() as f64;
            for other in &open {
                let (na, nb, no) = (count(a), count(b), count(*other));
                let squared = (na + no) * apart[(a, *other)].powi(2)
                    + (nb + no) * apart[(b, *other)].powi(2)
                    - no * apart[(a, b)].powi(2);
                let joined = (squared / (na + nb + no)).max(0.0).sqrt();
                apart[(made, *other)] = joined;
                apart[(*other, made)] = joined;
            }
            let leaves = [nodes[a].leaves.as_slice(), &nodes[b].leaves].concat();
            nodes.push(Node {
                leaves,
                children: Some([a, b]),
            });
            open.push(made);
        }
        Self { nodes }
    }

    /// The leaves in the order of the tree, each cluster turned so that neighbours are near.
    ///
    /// Bottom up, as scipy's `optimal_leaf_ordering` does: the two ends of a cluster's shortest order
    /// say which way round its halves are joined.
    fn ordered_leaves(&self, distance: &DMatrix<f64>) -> Vec<usize> {
        let cost = self.shortest(distance);
        let mut orders: Vec<Vec<usize>> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let Some([left, right]) = node.children else {
                orders.push(node.leaves.clone());
                continue;
            };
            let (mut first, mut last, mut least) = (0, 0, f64::INFINITY);
            for u in &self.nodes[left].leaves {
                for w in &self.nodes[right].leaves {
                    if cost[(*u, *w)] < least {
                        (first, last, least) = (*u, *w, cost[(*u, *w)]);
                    }
                }
            }
            // The half begins in its second part, or ends in its first one.
            let mut halves = [orders[left].clone(), orders[right].clone()];
            if self.part(left, first) == Some(1) {
                halves[0].reverse();
            }
            if self.part(right, last) == Some(0) {
                halves[1].reverse();
            }
            orders.push(halves.concat());
        }
        orders.pop().unwrap_or_default()
    }

    /// Which of the two parts of a cluster holds a leaf; `None` for a member.
    fn part(&self, node: usize, leaf: usize) -> Option<usize> {
        let children = self.nodes[node].children?;
        Some(usize::from(!self.nodes[children[0]].leaves.contains(&leaf)))
    }

    /// For each pair of leaves, the least total distance between neighbours of an order that begins with
    /// the one and ends with the other, over the leaves of the smallest cluster that holds both.
    fn shortest(&self, distance: &DMatrix<f64>) -> DMatrix<f64> {
        let members = distance.nrows();
        let mut cost = DMatrix::zeros(members, members);
        // For the first leaf at hand: the cost of reaching a leaf of the other half.
        let mut bridge = vec![0.0; members];
        for node in &self.nodes {
            let Some([left, right]) = node.children else {
                continue;
            };
            for first in &self.nodes[left].leaves {
                let ends = self.far_side(left, *first);
                for next in &self.nodes[right].leaves {
                    let costs = ends
                        .iter()
                        .map(|m| cost[(*first, *m)] + distance[(*m, *next)]);
                    bridge[*next] = costs.fold(f64::INFINITY, f64::min);
                }
                for last in &self.nodes[right].leaves {
                    let starts = self.far_side(right, *last).iter();
                    let costs = starts.map(|k| bridge[*k] + cost[(*k, *last)]);
                    let least = costs.fold(f64::INFINITY, f64::min);
                    cost[(*first, *last)] = least;
                    cost[(*last, *first)] = least;
                }
            }
        }
        cost
    }

    /// The leaves that can stand at the other end of a cluster when `leaf` stands at one.
    fn far_side(&self, node: usize, leaf: usize) -> &[usize] {
        match self.nodes[node].children {
            None => &self.nodes[node].leaves,
            Some([left, right]) if self.nodes[left].leaves.contains(&leaf) => {
                &self.nodes[right].leaves
            }
            Some([left, _]) => &self.nodes[left].leaves,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_on_a_line_are_put_in_their_order() {
        let places = [7.0, 0.0, 3.1, 8.5, 1.0, 20.0, 3.0];
        let distance = DMatrix::from_fn(7, 7, |i, j| f64::abs(places[i] - places[j]));
        let order = Tree::ward(&distance).ordered_leaves(&distance);
        let along: Vec<f64> = order.iter().map(|leaf| places[*leaf]).collect();
        assert!(
            along.is_sorted() || along.iter().rev().is_sorted(),
            "{along:?}"
        );
    }

    #[test]
    fn the_order_keeps_every_cluster_together() {
        let mut state = 9_u64;
        let mut roll = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 40) as f64 / f64::from(1 << 24)
        };
        for members in 1..20_usize {
            let points: Vec<[f64; 2]> = (0..members).map(|_| [roll(), roll()]).collect();
            let distance = DMatrix::from_fn(members, members, |i, j| {
                f64::hypot(points[i][0] - points[j][0], points[i][1] - points[j][1])
            });
            let tree = Tree::ward(&distance);
            let order = tree.ordered_leaves(&distance);
            assert_eq!(order.len(), members);
            for node in &tree.nodes {
                let place = |leaf: &usize| order.iter().position(|l| l == leaf).unwrap();
                let places: Vec<usize> = node.leaves.iter().map(place).collect();
                let span = places.iter().max().unwrap() - places.iter().min().unwrap();
                assert_eq!(span + 1, node.leaves.len(), "{order:?}");
            }
        }
    }
}
