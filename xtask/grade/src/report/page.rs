//! A page about the course: who has how many points, which exercises and checks fail most, and what needs a look.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use course::ExerciseId;

use crate::result::StudentResult;

/// How many checks the list of those that fail most has.
const MOST: usize = 20;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;\
color:#1f2328;background:#fff}table{border-collapse:collapse;margin:1rem 0}th,td{padding:.2rem .8rem;text-align:left;\
border-bottom:1px solid #d0d7de}td.n,th.n{text-align:right}.bar{display:inline-block;height:.8em;background:#0969da}\
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}th,td{border-color:#30363d}\
.bar{background:#6cb6ff}}";

/// The page, in one file that fetches nothing.
pub(crate) fn course(results: &[StudentResult]) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>Grades</title>\n<style>{STYLE}</style>\n<h1>Grades</h1>\n<p>{} submissions.</p>\n",
        results.len()
    );
    needs_a_look(&mut page, results);
    distribution(&mut page, results);
    exercises(&mut page, results);
    checks(&mut page, results);
    students(&mut page, results);
    page
}

fn needs_a_look(page: &mut String, results: &[StudentResult]) {
    page.push_str("<h2>Submissions that need a look</h2>\n");
    let mut rows = String::new();
    for result in results {
        for reason in result.needs_a_look() {
            let (student, reason) = (escaped(&result.student), escaped(&reason));
            let _ = writeln!(rows, "<tr><td>{student}<td>{reason}");
        }
    }
    table(page, "<th>student<th>why", &rows, "None.");
}

/// How many students have how much of the points, in tenths.
fn distribution(page: &mut String, results: &[StudentResult]) {
    page.push_str("<h2>Distribution</h2>\n");
    // The last tenth is of those who have all points.
    let mut tenths = [0_u32; 11];
    let mut most = 1;
    for (earned, points) in results.iter().map(StudentResult::points).filter(|(_, of)| *of > 0) {
        let reached = |tenth: &u32| earned * 10.0 >= f64::from(tenth * points);
        let tenth = (0..=10_u32).take_while(reached).count().saturating_sub(1);
        tenths[tenth] += 1;
        most = most.max(tenths[tenth]);
    }
    let mut rows = String::new();
    for (tenth, count) in tenths.into_iter().enumerate().rev() {
        let range = if tenth == 10 {
            "all points".to_owned()
        } else {
            format!("{}–{} %", tenth * 10, tenth * 10 + 9)
        };
        let width = 30.0 * f64::from(count) / f64::from(most);
        let _ = writeln!(
            rows,
            "<tr><td>{range}<td class=n>{count}<td><span class=bar style=\"width:{width:.1}rem\"></span>"
        );
    }
    table(page, "<th>points<th class=n>students<th>", &rows, "No submission was judged.");
}

/// How often each exercise is not green, among the students who have begun it.
fn exercises(page: &mut String, results: &[StudentResult]) {
    page.push_str("<h2>Exercises</h2>\n");
    let mut counts: BTreeMap<ExerciseId, (String, u32, u32)> = BTreeMap::new();
    for exercise in results.iter().flat_map(StudentResult::exercises) {
        let (_, begun, red) = counts.entry(exercise.id).or_insert((exercise.title.clone(), 0, 0));
        if exercise.total > 0 {
            *begun += 1;
            *red += u32::from(!exercise.is_green());
        }
    }
    let mut rows = String::new();
    for (id, (title, begun, red)) in counts {
        let rate = 100.0 * f64::from(red) / f64::from(begun.max(1));
        let title = escaped(&title);
        let _ = writeln!(
            rows,
            "<tr><td>{id}<td>{title}<td class=n>{begun}<td class=n>{red}<td class=n>{rate:.0} %"
        );
    }
    let header = "<th>exercise<th>title<th class=n>judged<th class=n>red<th class=n>rate";
    table(page, header, &rows, "No submission was judged.");
}

/// The checks that fail most, with their claims.
fn checks(page: &mut String, results: &[StudentResult]) {
    let _ = writeln!(page, "<h2>The {MOST} checks that fail most</h2>");
    let mut counts: BTreeMap<(ExerciseId, &str), usize> = BTreeMap::new();
    for exercise in results.iter().flat_map(StudentResult::exercises) {
        for check in &exercise.red {
            *counts.entry((exercise.id, &check.claim)).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(check, count)| (std::cmp::Reverse(*count), *check));
    let mut rows = String::new();
    for ((id, claim), count) in counts.into_iter().take(MOST) {
        let _ = writeln!(rows, "<tr><td>{id}<td>{}<td class=n>{count}", escaped(claim));
    }
    table(page, "<th>exercise<th>check<th class=n>students", &rows, "None.");
}

fn students(page: &mut String, results: &[StudentResult]) {
    page.push_str("<h2>Students</h2>\n");
    let mut rows = String::new();
    for result in results {
        let ((earned, points), (bonus, _)) = (result.points(), result.bonus());
        let _ = writeln!(
            rows,
            "<tr><td>{}<td class=n>{earned} of {points}<td class=n>{bonus}<td class=n>{:.0} s",
            escaped(&result.student),
            result.seconds
        );
    }
    table(page, "<th>student<th class=n>points<th class=n>bonus<th class=n>time", &rows, "None.");
}

fn table(page: &mut String, header: &str, rows: &str, nothing: &str) {
    let _ = if rows.is_empty() {
        writeln!(page, "<p>{nothing}</p>")
    } else {
        writeln!(page, "<table>\n<tr>{header}\n{rows}</table>")
    };
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::tests::graded;

    #[test]
    fn a_name_is_never_markup() {
        let page = course(&[graded("<script>alert(1)</script>")]);
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script"), "{page}");
        assert!(page.contains("A vote is granted once"));
    }
}
