//! A right server of another architecture goes through the scenarios and storms of all modules, whatever its
//! habits.

mod modules;
mod servers;
mod variants;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let mut trials = vec![Trial::test("each_exception_is_a_scenario", || Ok(exceptions_exist()?))];
    for variant in variants::all() {
        for module in modules::ALL.iter().filter(|it| it.is_among(&variant.modules)) {
            let (name, variant) = (format!("{}::{}", variant.name, module.folder), variant.clone());
            trials.push(Trial::test(name, move || Ok(module.accepts(&variant)?)));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Whether each file that is left out is a scenario of some module.
fn exceptions_exist() -> Result<(), String> {
    for variant in variants::all() {
        let variants::Scenarios::Except(files) = variant.scenarios else { continue };
        for file in files {
            if !modules::ALL.iter().any(|module| module.has_scenario(file)) {
                return Err(format!("{}: there is no scenario {file}", variant.name));
            }
        }
    }
    Ok(())
}
