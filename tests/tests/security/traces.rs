//! The traces of a program, to search them for secrets.

use std::error::Error;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, Once};

use tests::silence::Silence;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Metadata, Subscriber};

/// All traces of this thread at every level, including spans.
#[derive(Clone, Default)]
pub(crate) struct Traces(Arc<Mutex<String>>);

impl Traces {
    /// Records this thread until the guard is dropped.
    pub(crate) fn collect() -> (Self, DefaultGuard) {
        let traces = Self::default();
        forward_log();
        // An event first emitted without a subscriber may stay disabled.
        let _ = tracing::subscriber::set_global_default(Silence);
        LOGGED.with(|logged| logged.borrow_mut().clear());
        let collecting = tracing::subscriber::set_default(traces.clone());
        (traces, collecting)
    }

    /// All traces, including those of the libraries below.
    pub(crate) fn heard(&self) -> String {
        let logged = LOGGED.with(|logged| logged.borrow().clone());
        format!("{}{logged}", self.0.lock().expect("no panic"))
    }

    fn write(&self, metadata: &Metadata<'_>, record: impl FnOnce(&mut dyn Visit)) {
        let mut text = self.0.lock().expect("no panic");
        write!(text, "{} {} {}", metadata.level(), metadata.target(), metadata.name())
            .expect("to write");
        record(&mut Fields(&mut text));
        text.push('\n');
    }
}

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        write!(self.0, " {}={value}", field.name()).expect("to write");
    }
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).expect("to write");
    }
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        write!(self.0, " {}={value} {value:?}", field.name()).expect("to write");
    }
}

impl Subscriber for Traces {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        self.write(attributes.metadata(), |visitor| attributes.record(visitor));
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Fields(&mut self.0.lock().expect("no panic")));
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        self.write(event.metadata(), |visitor| event.record(visitor));
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

std::thread_local! {
    /// The log of reqwest, hyper and rustls in this thread, which use the crate `log`.
    static LOGGED: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
}

struct Forward;

impl log::Log for Forward {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }
    fn log(&self, record: &log::Record<'_>) {
        LOGGED.with(|logged| {
            let _ = writeln!(logged.borrow_mut(), "{} {}", record.target(), record.args());
        });
    }
    fn flush(&self) {}
}

fn forward_log() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_logger(&Forward).expect("no other logger");
        log::set_max_level(log::LevelFilter::Trace);
    });
}
