//! Anybody may lower limits; raising them takes two people.

use crate::world::{AAPL, NOW, World, record, shares};
use trader_broker::CheckId;
use trader_domain::{Money, Rate};
use trader_risk::{
    Author, AuthorisationError, AuthorisedChange, Gate, GateConfig, LimitError, Limits, Person,
};

fn person(name: &str) -> Person {
    Person::new(name).unwrap()
}

#[test]
fn a_model_lowers_a_limit_and_it_holds_at_once() {
    let mut world = World::new();
    let lower = Limits {
        order_quantity: shares(5),
        ..*world.gate.limits()
    };
    let change = world
        .gate
        .lower_limits(
            &lower,
            person("volatility-model"),
            "volatility doubled",
            NOW,
        )
        .unwrap();
    assert_eq!(change.before.order_quantity, shares(10_000));
    assert_eq!(change.after.order_quantity, shares(5));
    let request = world.buy(AAPL, 6);
    let found = record(&world.judge(&request).assessment, CheckId::MaxQuantity);
    assert_eq!(found.largest, Some(shares(5)));
}

#[test]
fn a_model_raises_nothing_not_even_beside_something_lowered() {
    let mut world = World::new();
    let before = *world.gate.limits();
    let mixed = Limits {
        order_quantity: shares(5),
        daily_loss: Rate::from_percent(4),
        ..before
    };
    let refused = world
        .gate
        .lower_limits(&mixed, person("model"), "more room", NOW);
    assert_eq!(
        refused,
        Err(AuthorisationError::Looser {
            limit: "daily_loss"
        })
    );
    assert_eq!(*world.gate.limits(), before);
}

#[test]
fn every_figure_of_the_research_limits_that_is_looser_is_noticed() {
    let research = Limits::research();
    let mut world = World::new();
    let default = *world.gate.limits();
    let looser: [(&str, Limits); 6] = [
        (
            "adv_share",
            Limits {
                adv_share: None,
                ..default
            },
        ),
        (
            "market_reserve",
            Limits {
                market_reserve: research.market_reserve,
                ..default
            },
        ),
        (
            "buying_power_buffer",
            Limits {
                buying_power_buffer: Rate::ZERO,
                ..default
            },
        ),
        (
            "duplicate_window_nanos",
            Limits {
                duplicate_window_nanos: 0,
                ..default
            },
        ),
        (
            "message_rate",
            Limits {
                message_rate: research.message_rate,
                ..default
            },
        ),
        (
            "option_level",
            Limits {
                option_level: research.option_level,
                ..default
            },
        ),
    ];
    for (limit, limits) in looser {
        let found = world
            .gate
            .lower_limits(&limits, person("model"), "test", NOW);
        assert_eq!(found, Err(AuthorisationError::Looser { limit }));
    }
}

#[test]
fn raising_takes_two_people_and_a_reason() {
    let raised = Limits {
        order_notional: Money::whole(500_000),
        ..Limits::default()
    };
    let alone = AuthorisedChange::new(raised, person("Ada"), person(" ada "), "more capital");
    assert_eq!(alone, Err(AuthorisationError::SamePerson("ada".to_owned())));
    let mute = AuthorisedChange::new(raised, person("Ada"), person("Grace"), "  ");
    assert_eq!(mute, Err(AuthorisationError::NoReason));
    assert_eq!(Person::new("  "), Err(AuthorisationError::Nameless));

    let mut world = World::new();
    let change =
        AuthorisedChange::new(raised, person("Ada"), person("Grace"), "more capital").unwrap();
    let record = world.gate.change_limits(change, NOW);
    assert_eq!(world.gate.limits().order_notional, Money::whole(500_000));
    assert_eq!(
        record.author,
        Author::People {
            requested_by: person("Ada"),
            approved_by: person("Grace"),
            reason: "more capital".to_owned(),
        }
    );
}

#[test]
fn limits_out_of_range_make_no_gate_and_all_faults_are_named() {
    let mut config = GateConfig::default();
    config.limits.collar = Rate::ZERO;
    config.limits.positions = 0;
    config.limits.margin.initial = Rate::from_percent(40);
    let errors = Gate::new(config, 1).unwrap_err();
    assert_eq!(errors.0.len(), 3);
    assert!(
        errors
            .0
            .contains(&LimitError::NotPositive { limit: "positions" })
    );
    assert!(errors.0.contains(&LimitError::BelowLaw {
        limit: "margin.initial"
    }));
    assert!(errors.to_string().contains("collar"));
}

#[test]
fn both_presets_are_valid() {
    assert_eq!(Limits::default().validate(), Ok(()));
    assert_eq!(Limits::research().validate(), Ok(()));
}
