#![no_main]
fuzz::fuzz!("deribit");
