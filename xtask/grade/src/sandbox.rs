//! The two sandboxes. One builds: it has the toolchain and the downloaded crates, and can write to the build folder. The
//! other one judges: it has the gate and what the gate reads, and can write nothing. Neither has a network, a process of
//! this machine, or another submission.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// What keeps submissions apart from the machine.
#[derive(Clone, Debug)]
pub(crate) enum Isolation {
    /// Bubblewrap, with what the toolchain needs.
    Bubblewrap(Toolchain),
    /// Nothing but what the gates do themselves.
    None,
}

/// Where the toolchain is.
#[derive(Clone, Debug)]
pub(crate) struct Toolchain {
    /// The folder with `bin/rustc` and `lib`.
    sysroot: PathBuf,
    /// Cargo's folder with the downloaded crates.
    cargo_home: PathBuf,
}

/// What every program needs, where it exists.
const SYSTEM: [&str; 7] =
    ["/usr", "/bin", "/lib", "/lib64", "/etc/alternatives", "/etc/ld.so.cache", "/nix/store"];

/// A file may grow to 2 GB, and there are no core dumps. Time and memory are limited by the runner and the gates.
const LIMITS: [&str; 3] = ["prlimit", "--fsize=2147483648", "--core=0"];

impl Isolation {
    /// Bubblewrap, if it works here, and otherwise the reason why not.
    pub(crate) fn find(root: &Path) -> Result<Result<Self, String>> {
        if !cfg!(target_os = "linux") {
            return Ok(Err("bubblewrap exists on Linux only".to_owned()));
        }
        let mut trial = Command::new(LIMITS[0]);
        trial.args(&LIMITS[1..]).args(["bwrap", "--unshare-all", "--ro-bind", "/", "/"]);
        match trial.arg("true").output() {
            Err(_) => Ok(Err("`prlimit` is not installed".to_owned())),
            Ok(output) if !output.status.success() => {
                let said = String::from_utf8_lossy(&output.stderr);
                Ok(Err(format!("`bwrap` does not work here: {}", said.trim())))
            }
            Ok(_) => Ok(Ok(Isolation::Bubblewrap(Toolchain::find(root)?))),
        }
    }

    /// A cargo command that builds the tree in `root`.
    pub(crate) fn cargo(&self, root: &Path) -> Command {
        let target = root.join("target");
        let Isolation::Bubblewrap(toolchain) = self else {
            let mut command = xtask::cargo::command(root);
            // Each worker has a build folder of its own.
            command.env("CARGO_TARGET_DIR", target);
            return command;
        };
        let bin = toolchain.sysroot.join("bin");
        let mut command = Command::new(LIMITS[0]);
        command.current_dir(root).args(&LIMITS[1..]).arg("bwrap").args(shell());
        command.args(read_only(&toolchain.sysroot)).args(read_only(&toolchain.cargo_home));
        // A course without a network says in a folder above its trees where the crates are.
        for folder in root.ancestors().skip(1) {
            command.args(read_only(&folder.join(".cargo")));
        }
        command.args(read_only(root)).arg("--bind").arg(&target).arg(&target);
        command.arg("--clearenv");
        let path = [bin.as_path(), Path::new("/usr/bin"), Path::new("/bin")];
        let path = env::join_paths(path).unwrap_or_default();
        for (name, value) in [
            ("PATH", path.as_os_str()),
            ("HOME", "/tmp".as_ref()),
            ("CARGO_HOME", toolchain.cargo_home.as_os_str()),
            ("CARGO_NET_OFFLINE", "true".as_ref()),
        ] {
            command.arg("--setenv").arg(name).arg(value);
        }
        command.arg("--chdir").arg(root).arg(bin.join("cargo"));
        command
    }

    /// The words before the path of a gate that judges the tree in `root`.
    pub(crate) fn judge(
        &self,
        root: &Path,
        gate: &Path,
        scenarios: Option<&Path>,
    ) -> Vec<OsString> {
        let Isolation::Bubblewrap(_) = self else { return Vec::new() };
        let mut words: Vec<OsString> = LIMITS.iter().map(OsString::from).collect();
        words.push("bwrap".into());
        words.extend(shell());
        for folder in ["modules", "tests"] {
            words.extend(read_only(&root.join(folder)));
        }
        words.extend(read_only(&root.join("Cargo.toml")));
        words.extend(scenarios.into_iter().flat_map(read_only));
        // A storm leaves its script in the build folder. Here it is forgotten.
        words.push("--tmpfs".into());
        words.push(root.join("target").into());
        words.extend(read_only(gate));
        words.push("--chdir".into());
        words.push(root.into());
        words
    }
}

impl Toolchain {
    fn find(root: &Path) -> Result<Self> {
        let output = Command::new("rustc")
            .current_dir(root)
            .args(["--print", "sysroot"])
            .output()
            .context("cannot run rustc")?;
        ensure!(output.status.success(), "rustc does not say where its toolchain is");
        let sysroot = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
        let home = env::home_dir().map(|home| home.join(".cargo"));
        let cargo_home = env::var_os("CARGO_HOME").map(PathBuf::from).or(home);
        let cargo_home = cargo_home.context("there is no home folder, and so no crates")?;
        Ok(Toolchain { sysroot, cargo_home })
    }
}

/// A sandbox with the system's programs, which ends with the process that has started it.
fn shell() -> Vec<OsString> {
    let mut words: Vec<OsString> = ["--unshare-all", "--die-with-parent", "--new-session"]
        .iter()
        .chain(&["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"])
        .map(OsString::from)
        .collect();
    words.extend(SYSTEM.iter().flat_map(|path| read_only(Path::new(path))));
    words
}

/// Shows a file or folder where it is, if it exists.
fn read_only(path: &Path) -> [OsString; 3] {
    ["--ro-bind-try".into(), path.into(), path.into()]
}
