//! TEMP
use crate::course::Course;
pub(crate) fn run(_course: &Course, _full: bool) -> anyhow::Result<bool> {
    Ok(true)
}
