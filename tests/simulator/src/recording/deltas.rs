//! Columns that grow, written as differences: they compress much better.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize as _, Serializer};

#[allow(clippy::ptr_arg, reason = "serde passes the field as it is")]
pub(super) fn serialize<S: Serializer>(column: &Vec<u64>, to: S) -> Result<S::Ok, S::Error> {
    let mut last = 0;
    let mut differences = Vec::with_capacity(column.len());
    for &value in column {
        differences.push(value.wrapping_sub(last).cast_signed());
        last = value;
    }
    differences.serialize(to)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u64>, D::Error> {
    let differences = Vec::<i64>::deserialize(from)?;
    let mut last = 0_u64;
    let mut column = Vec::with_capacity(differences.len());
    for difference in differences {
        last = last
            .checked_add_signed(difference)
            .ok_or_else(|| D::Error::custom("a column falls below zero"))?;
        column.push(last);
    }
    Ok(column)
}
