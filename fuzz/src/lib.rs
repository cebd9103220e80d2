//! The one line that a fuzz target is. What it checks is in `zkmargin-fuzz-targets`.

pub use libfuzzer_sys;
pub use zkmargin_fuzz_targets::{Target, target};

/// Runs the listed target of this name under libFuzzer.
#[macro_export]
macro_rules! fuzz {
    ($name:literal) => {
        use std::sync::LazyLock;

        static TARGET: LazyLock<$crate::Target> = LazyLock::new(|| $crate::target($name));

        $crate::libfuzzer_sys::fuzz_target!(
            init: (TARGET.prepare)(),
            |input: &[u8]| (TARGET.run)(input)
        );
    };
}
