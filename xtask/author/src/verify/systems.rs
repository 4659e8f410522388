//! Other systems: the workspace compiles for Windows and macOS, and Windows programs run under Wine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use xtask::say;

use super::workshop::{Workshop, must};

/// The targets of the systems that nothing else here tries.
const TARGETS: [&str; 2] = [WINDOWS, "aarch64-apple-darwin"];

const WINDOWS: &str = "x86_64-pc-windows-gnu";

/// What a 64-bit Windows program is linked with on other systems.
const MINGW: &str = "x86_64-w64-mingw32-gcc";

/// The lab's own crates whose tests run under Wine.
const UNDER_WINE: [&str; 4] = ["course", "xtask", "simulator", "gates"];

/// Tests that fail under Wine for reasons that no learner meets: it ends processes that are stopped in another way
/// than Windows does, and there is no `rustc` in it.
const FAIL_UNDER_WINE: [&str; 3] = [
    "what_was_stopped_is_told_with_its_last_step",
    "a_tree_as_it_was_handed_out_is_well",
    "locks_and_leftovers_are_found",
];

/// Checks that every target of the workspace compiles for other systems. Nothing is linked, so no C toolchain is
/// needed.
pub(super) fn compile(workshop: &Workshop) -> Result<()> {
    for target in TARGETS {
        if let Err(why) = install(target) {
            say!("  not tried for {target}: {why}");
            continue;
        }
        let mut command = workshop.cargo();
        command.args(["check", "--quiet", "--workspace", "--all-targets", "--target", target]);
        must(&mut command).with_context(|| format!("for {target}"))?;
    }
    Ok(())
}

/// The source of a `bcryptprimitives.dll`. Programs of Rust's standard library ask it for random numbers, and
/// Wine 8 has none.
const RANDOM_DLL: &str = "
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T length) {
    return SystemFunction036(buffer, (ULONG)length);
}
";

/// Runs the lab's own tests as Windows programs, if mingw and Wine are installed.
pub(super) fn run_under_wine(workshop: &Workshop) -> Result<()> {
    let Some(wine) = ["wine64", "wine"].into_iter().find_map(program).or_else(in_its_folder) else {
        say!("  not tried: Wine is not installed");
        return Ok(());
    };
    let Some(mingw) = program(MINGW) else {
        say!("  not tried: {MINGW} is not installed");
        return Ok(());
    };
    if let Err(why) = install(WINDOWS) {
        say!("  not tried: {why}");
        return Ok(());
    }
    let folder = workshop.target().join("wine");
    build_random_dll(&mingw, &folder)?;
    // The tests of the runner work without a network.
    must(workshop.cargo().args(["fetch", "--locked"]))?;
    let mut command = workshop.cargo();
    command.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", wine);
    command
        .env("WINEPATH", &folder)
        .env("WINEPREFIX", folder.join("prefix"))
        .env("WINEDEBUG", "-all");
    command.args(["test", "--quiet", "--no-fail-fast", "--target", WINDOWS, "--lib", "--tests"]);
    for package in UNDER_WINE {
        command.args(["--package", package]);
    }
    command.arg("--");
    for test in FAIL_UNDER_WINE {
        command.args(["--skip", test]);
    }
    must(&mut command)
}

/// Wine, where Debian's package puts it without a link in the path.
fn in_its_folder() -> Option<PathBuf> {
    let file = PathBuf::from("/usr/lib/wine/wine64");
    file.is_file().then_some(file)
}

/// Builds the `bcryptprimitives.dll` that Wine 8 lacks.
fn build_random_dll(mingw: &Path, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let (source, dll) = (folder.join("random.c"), folder.join("bcryptprimitives.dll"));
    std::fs::write(&source, RANDOM_DLL)
        .with_context(|| format!("cannot write {}", source.display()))?;
    let mut command = Command::new(mingw);
    command.arg("-shared").arg("-o").arg(dll).arg(source).arg("-ladvapi32");
    must(&mut command)
}

/// Makes the standard library of a target available. The reason why it cannot be is one line.
fn install(target: &str) -> Result<(), String> {
    let run = |arguments: &[&str]| {
        let output = Command::new("rustup").args(arguments).stdin(Stdio::null()).output();
        output.map_err(|error| format!("rustup cannot be run ({error})"))
    };
    let installed = run(&["target", "list", "--installed"])?;
    if String::from_utf8_lossy(&installed.stdout).lines().any(|line| line == target) {
        return Ok(());
    }
    let added = run(&["target", "add", target])?;
    if added.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&added.stderr).into_owned();
    let last = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
    Err(format!("`rustup target add {target}` failed ({last})"))
}

/// The path of a program, if it is installed.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut files = std::env::split_paths(&path).map(|folder: PathBuf| folder.join(name));
    files.find(|file: &PathBuf| Path::new(file).is_file())
}
