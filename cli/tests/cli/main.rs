//! The command line through its own binary, every command in its own process.

#[cfg(target_os = "linux")]
mod arguments;
mod canaries;
mod canary;
mod demo;
mod disclosure;
mod exposures;
#[cfg(target_os = "linux")]
mod hostile;
mod importing;
mod inputs;
mod inspecting;
mod keys;
#[cfg(unix)]
mod oracle;
mod path;
mod plotting;
mod presets;
mod refusals;
mod report;
mod secrets;
mod solvency;
mod support;
mod tampering;
mod usage;
#[cfg(target_os = "linux")]
mod writing;
