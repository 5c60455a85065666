//! One run of one scenario, and the folder that shows afterwards what happened: a screenshot of each
//! step and the log of each program, in `tests/screenshots/<scenario>`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The name of the test function in which this is written, to open its [`Scenario`] with.
#[macro_export]
macro_rules! scenario {
    () => {{
        fn here() {}
        $crate::scenario::Scenario::of_function(std::any::type_name_of_val(&here))
    }};
}

/// A scenario under way; its clones are the same one.
#[derive(Clone, Debug)]
pub struct Scenario {
    folder: PathBuf,
    steps: Arc<AtomicUsize>,
}

impl Scenario {
    /// Opens the scenario of the test whose inner function has this full path; [`scenario!`] calls
    /// it.
    pub fn of_function(inner: &str) -> Self {
        let name = inner
            .split("::")
            .filter(|part| !part.starts_with('{') && *part != "here")
            .last()
            .expect("a path has a last part");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots").join(name);
        // What is left of the last run would be taken for this one's.
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("the last run's screenshots can be removed");
        }
        fs::create_dir_all(&folder).expect("the screenshots' folder can be made");
        Self { folder, steps: Arc::default() }
    }

    /// Where to put the log of this program.
    pub fn log(&self, program: &str) -> PathBuf {
        let path = self.folder.join(format!("{program}.log"));
        assert!(!path.exists(), "{program} is started twice in one scenario: name them apart");
        path
    }

    /// Keeps a picture of the next step, numbered in order.
    pub(crate) fn keep_screenshot(&self, what: &str, png: &[u8]) {
        let step = self.steps.fetch_add(1, Ordering::Relaxed) + 1;
        let what: String = what
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
            .collect();
        let file = self.folder.join(format!("{step:02}-{}.png", what.trim_matches('-')));
        fs::write(file, png).expect("a screenshot can be written");
    }
}
