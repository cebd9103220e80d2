//! The command line through its own binary, every command in its own process.

mod canaries;
mod demo;
#[cfg(target_os = "linux")]
mod hostile;
mod importing;
mod inputs;
mod inspecting;
mod keys;
mod path;
mod refusals;
mod report;
mod secrets;
mod support;
mod tampering;
mod usage;
#[cfg(target_os = "linux")]
mod writing;
