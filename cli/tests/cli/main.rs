//! The command line through its own binary, every command in its own process.

#[cfg(target_os = "linux")]
mod arguments;
mod batch;
#[cfg(unix)]
mod batch_stopped;
mod canaries;
mod canary;
#[cfg(unix)]
mod chain;
mod demo;
mod disclosure;
#[cfg(unix)]
mod exporting;
mod exposures;
#[cfg(target_os = "linux")]
mod hostile;
mod importing;
mod inputs;
mod inspecting;
mod keeper;
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
#[cfg(unix)]
mod submitting;
mod support;
mod tampering;
mod usage;
#[cfg(target_os = "linux")]
mod writing;
