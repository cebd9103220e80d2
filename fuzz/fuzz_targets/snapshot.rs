#![no_main]
fuzz::fuzz!("snapshot");
