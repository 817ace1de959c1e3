//! How much one order may ask for.

use rust_decimal::Decimal;

use crate::orders::LIMIT;
use crate::steps::{SMALLEST, Steps, in_range};

/// `clip_size`, or `default` without one; never less than what `Steps::clip` needs.
pub fn most(
    clip_size: Option<Decimal>,
    default: Decimal,
    steps: &Steps,
) -> Result<Decimal, String> {
    let least = steps.least_most().normalize();
    let Some(size) = clip_size else {
        return Ok(steps.lots_up(default.min(Decimal::from(LIMIT))).max(least));
    };
    in_range("clip_size", size, SMALLEST, Decimal::from(LIMIT))?;
    if steps.lots(size) < least {
        return Err(format!(
            "params: `clip_size`: {size} is less than {least}, which is one `lot_step` or twice `min_clip` in lots"
        ));
    }
    Ok(size)
}
