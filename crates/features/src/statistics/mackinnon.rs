//! Response surfaces of `MacKinnon` for Dickey-Fuller statistics: p-values (1994, "Approximate asymptotic
//! distribution functions for unit-root and cointegration tests", tables 3 and 4) and critical values
//! that depend on the sample's size (2010, "Critical values for cointegration tests").

use super::distributions::normal_cdf;
use super::unit_root::Trend;

/// Most series the surfaces cover: one for a unit root, more for a cointegrating regression.
pub(crate) const MOST_SERIES: usize = 6;

/// p-values of one trend and number of series: a cubic above `split`, a quadratic below.
struct Surface {
    least: f64,
    split: f64,
    most: f64,
    small: [f64; 3],
    large: [f64; 4],
}

/// p-value of a statistic about `series` series (1 to [`MOST_SERIES`]); NaN beyond.
pub(crate) fn p_value(statistic: f64, trend: Trend, series: usize) -> f64 {
    let Some(surface) = series.checked_sub(1).and_then(|i| surfaces(trend).get(i)) else {
        return f64::NAN;
    };
    if statistic > surface.most {
        return 1.0;
    }
    if statistic < surface.least {
        return 0.0;
    }
    normal_cdf(if statistic <= surface.split {
        polynomial(&surface.small, statistic)
    } else {
        polynomial(&surface.large, statistic)
    })
}

/// Critical values at 1, 5 and 10 % for a regression of `rows` rows; `None` for combinations that
/// were not tabulated (no trend and several series).
pub(crate) fn critical_values(trend: Trend, series: usize, rows: usize) -> Option<[f64; 3]> {
    let table: &[[[f64; 4]; 3]] = match trend {
        Trend::None => &CRITICAL_NONE,
        Trend::Constant => &CRITICAL_CONSTANT,
        Trend::Linear => &CRITICAL_LINEAR,
        Trend::Quadratic => &CRITICAL_QUADRATIC,
    };
    let levels = table.get(series.checked_sub(1)?)?;
    Some(levels.map(|coefficients| polynomial(&coefficients, 1.0 / rows as f64)))
}

/// Coefficients from the constant up.
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

fn surfaces(trend: Trend) -> &'static [Surface; MOST_SERIES] {
    match trend {
        Trend::None => &NONE,
        Trend::Constant => &CONSTANT,
        Trend::Linear => &LINEAR,
        Trend::Quadratic => &QUADRATIC,
    }
}

static NONE: [Surface; MOST_SERIES] = [
    Surface {
        least: -19.04,
        split: -1.04,
        most: f64::INFINITY,
        small: [0.634_4, 1.237_8, 0.032_496],
        large: [0.479_7, 0.935_57, -0.069_99, 0.033_066],
    },
    Surface {
        least: -19.62,
        split: -1.53,
        most: 1.51,
        small: [1.912_9, 1.385_7, 0.035_322],
        large: [1.557_8, 0.855_8, -0.208_3, -0.033_549],
    },
    Surface {
        least: -21.21,
        split: -2.68,
        most: 0.86,
        small: [2.764_8, 1.450_2, 0.034_186],
        large: [2.226_8, 0.680_93, -0.323_62, -0.054_448],
    },
    Surface {
        least: -23.25,
        split: -3.09,
        most: 0.88,
        small: [3.433_6, 1.483_5, 0.031_9],
        large: [2.765_4, 0.645_02, -0.308_11, -0.044_946],
    },
    Surface {
        least: -21.63,
        split: -3.07,
        most: 1.05,
        small: [4.099_9, 1.553_3, 0.035_9],
        large: [3.268_4, 0.680_51, -0.267_78, -0.034_972],
    },
    Surface {
        least: -25.74,
        split: -3.77,
        most: 1.24,
        small: [4.538_8, 1.534_4, 0.029_807],
        large: [3.726_8, 0.716_7, -0.236_48, -0.028_288],
    },
];

static CONSTANT: [Surface; MOST_SERIES] = [
    Surface {
        least: -18.83,
        split: -1.61,
        most: 2.74,
        small: [2.165_9, 1.441_2, 0.038_269],
        large: [1.733_9, 0.932_02, -0.127_45, -0.010_368],
    },
    Surface {
        least: -18.86,
        split: -2.62,
        most: 0.92,
        small: [2.92, 1.501_2, 0.039_796],
        large: [2.194_5, 0.646_95, -0.291_98, -0.042_377],
    },
    Surface {
        least: -23.48,
        split: -3.13,
        most: 0.55,
        small: [3.469_9, 1.485_6, 0.031_64],
        large: [2.589_3, 0.451_68, -0.365_29, -0.050_074],
    },
    Surface {
        least: -28.07,
        split: -3.47,
        most: 0.61,
        small: [3.967_3, 1.477_7, 0.026_315],
        large: [3.038_7, 0.454_52, -0.336_66, -0.041_921],
    },
    Surface {
        least: -25.96,
        split: -3.78,
        most: 0.79,
        small: [4.550_9, 1.533_8, 0.029_545],
        large: [3.504_9, 0.520_98, -0.291_58, -0.033_468],
    },
    Surface {
        least: -23.27,
        split: -3.93,
        most: 1.0,
        small: [5.139_9, 1.603_6, 0.034_445],
        large: [3.948_9, 0.589_33, -0.253_59, -0.027_21],
    },
];

static LINEAR: [Surface; MOST_SERIES] = [
    Surface {
        least: -16.18,
        split: -2.89,
        most: 0.7,
        small: [3.251_2, 1.604_7, 0.049_588],
        large: [2.526_1, 0.616_54, -0.379_56, -0.060_285],
    },
    Surface {
        least: -21.15,
        split: -3.19,
        most: 0.63,
        small: [3.664_6, 1.541_9, 0.036_448],
        large: [2.85, 0.527_2, -0.366_22, -0.051_695],
    },
    Surface {
        least: -25.37,
        split: -3.5,
        most: 0.71,
        small: [4.098_3, 1.517_3, 0.029_898],
        large: [3.221, 0.525_5, -0.326_85, -0.041_501],
    },
    Surface {
        least: -26.63,
        split: -3.65,
        most: 0.93,
        small: [4.584_4, 1.533_8, 0.028_796],
        large: [3.652, 0.597_58, -0.274_83, -0.032_081],
    },
    Surface {
        least: -26.53,
        split: -3.8,
        most: 1.19,
        small: [5.072_2, 1.563_4, 0.029_472],
        large: [4.071_2, 0.664_28, -0.234_64, -0.025_46],
    },
    Surface {
        least: -26.18,
        split: -4.36,
        most: 1.42,
        small: [5.53, 1.591_4, 0.030_392],
        large: [4.473_5, 0.717_57, -0.206_81, -0.021_196],
    },
];

static QUADRATIC: [Surface; MOST_SERIES] = [
    Surface {
        least: -17.17,
        split: -3.21,
        most: 0.54,
        small: [4.000_3, 1.658, 0.048_288],
        large: [3.077_8, 0.495_29, -0.414_77, -0.059_359],
    },
    Surface {
        least: -21.1,
        split: -3.51,
        most: 0.79,
        small: [4.353_4, 1.601_6, 0.037_947],
        large: [3.471_3, 0.596_7, -0.325_07, -0.042_286],
    },
    Surface {
        least: -24.33,
        split: -3.81,
        most: 1.08,
        small: [4.734_3, 1.576_8, 0.032_396],
        large: [3.863_7, 0.678_52, -0.262_86, -0.031_381],
    },
    Surface {
        least: -24.03,
        split: -3.83,
        most: 1.43,
        small: [5.214, 1.607_7, 0.033_449],
        large: [4.273_6, 0.761_99, -0.215_34, -0.024_026],
    },
    Surface {
        least: -24.33,
        split: -4.12,
        most: 3.49,
        small: [5.648_1, 1.627_4, 0.033_455],
        large: [4.667_9, 0.826_18, -0.182_2, -0.019_147],
    },
    Surface {
        least: -28.22,
        split: -4.63,
        most: 1.92,
        small: [5.929_6, 1.592_9, 0.028_223],
        large: [5.000_9, 0.837_35, -0.169_94, -0.016_928],
    },
];

static CRITICAL_NONE: [[[f64; 4]; 3]; 1] = [[
    [-2.565_74, -2.235_8, -3.627, 0.0],
    [-1.941, -0.268_6, -3.365, 31.223],
    [-1.616_82, 0.265_6, -2.714, 25.364],
]];

static CRITICAL_CONSTANT: [[[f64; 4]; 3]; 6] = [
    [
        [-3.430_35, -6.539_3, -16.786, -79.433],
        [-2.861_54, -2.890_3, -4.234, -40.04],
        [-2.566_77, -1.538_4, -2.809, 0.0],
    ],
    [
        [-3.896_44, -10.951_9, -33.527, 0.0],
        [-3.336_13, -6.110_1, -6.823, 0.0],
        [-3.044_45, -4.241_2, -2.72, 0.0],
    ],
    [
        [-4.293_74, -14.435_4, -33.195, 47.433],
        [-3.740_66, -8.563_2, -10.852, 27.982],
        [-3.452_18, -6.214_3, -3.718, 0.0],
    ],
    [
        [-4.643_32, -18.103_1, -37.972, 0.0],
        [-4.096, -11.234_9, -11.175, 0.0],
        [-3.810_2, -8.393_1, -4.137, 0.0],
    ],
    [
        [-4.957_56, -21.888_3, -45.142, 0.0],
        [-4.415_19, -14.040_5, -12.575, 0.0],
        [-4.131_57, -10.741_7, -3.784, 0.0],
    ],
    [
        [-5.245_68, -25.668_8, -57.737, 88.639],
        [-4.706_93, -16.917_8, -17.492, 60.007],
        [-4.425_01, -13.187_5, -5.104, 27.877],
    ],
];

static CRITICAL_LINEAR: [[[f64; 4]; 3]; 6] = [
    [
        [-3.958_77, -9.053_1, -28.428, -134.155],
        [-3.410_49, -4.390_4, -9.036, -45.374],
        [-3.127_05, -2.585_6, -3.925, -22.38],
    ],
    [
        [-4.327_62, -15.438_7, -35.679, 0.0],
        [-3.780_57, -9.510_6, -12.074, 0.0],
        [-3.496_31, -7.081_5, -7.538, 21.892],
    ],
    [
        [-4.663_05, -18.768_8, -49.793, 104.244],
        [-4.118_9, -11.892_2, -19.031, 77.332],
        [-3.835_11, -9.072_3, -8.504, 35.403],
    ],
    [
        [-4.969_4, -22.469_4, -52.599, 51.314],
        [-4.428_71, -14.587_6, -18.228, 39.647],
        [-4.146_33, -11.25, -9.873, 54.109],
    ],
    [
        [-5.252_76, -26.218_3, -59.631, 50.646],
        [-4.715_37, -17.356_9, -22.66, 91.359],
        [-4.434_22, -13.607_8, -10.238, 76.781],
    ],
    [
        [-5.517_27, -29.976, -75.222, 202.253],
        [-4.982_28, -20.305, -25.224, 132.03],
        [-4.702_33, -16.125_3, -9.836, 94.272],
    ],
];

static CRITICAL_QUADRATIC: [[[f64; 4]; 3]; 6] = [
    [
        [-4.371_13, -11.588_2, -35.819, -334.047],
        [-3.832_39, -5.905_7, -12.49, -118.284],
        [-3.553_26, -3.659_6, -5.293, -63.559],
    ],
    [
        [-4.692_76, -20.228_4, -64.919, 88.884],
        [-4.153_87, -13.311_4, -28.402, 72.741],
        [-3.873_46, -10.463_7, -17.408, 66.313],
    ],
    [
        [-4.990_71, -23.587_3, -76.924, 184.782],
        [-4.453_11, -15.773_2, -32.316, 122.705],
        [-4.172_8, -12.490_9, -17.912, 83.285],
    ],
    [
        [-5.267_8, -27.283_6, -78.971, 137.871],
        [-4.732_44, -18.483_3, -31.875, 111.817],
        [-4.452_68, -14.719_9, -17.969, 101.92],
    ],
    [
        [-5.528_26, -30.905_1, -92.49, 248.096],
        [-4.994_91, -21.236, -37.685, 194.208],
        [-4.715_87, -17.082, -18.631, 136.672],
    ],
    [
        [-5.773_79, -34.701, -105.937, 393.991],
        [-5.242_17, -24.217_7, -39.153, 232.528],
        [-4.963_97, -19.606_4, -18.858, 174.919],
    ],
];
