//! One value per type, for values whose types the engine cannot name.

use std::any::Any;

use crate::sync::lock::RwLock;
use crate::text::opaque_debug;

/// At most one value of each type.
#[derive(Default)]
pub(crate) struct ByType(RwLock<Vec<Box<dyn Any + Send + Sync>>>);

impl ByType {
    /// Sets the value of its type.
    pub(crate) fn set<T: Any + Send + Sync>(&self, value: T) {
        let mut values = self.0.write();
        values.retain(|known| !known.is::<T>());
        values.push(Box::new(value));
    }

    /// Returns the value of this type.
    pub(crate) fn of<T: Any + Clone>(&self) -> Option<T> {
        let values = self.0.read();
        values.iter().find_map(|known| known.downcast_ref::<T>()).cloned()
    }
}

opaque_debug!(ByType);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_its_last_value() {
        let values = ByType::default();
        values.set(1_u8);
        values.set("a");
        values.set(2_u8);
        assert_eq!((values.of::<u8>(), values.of::<&str>()), (Some(2), Some("a")));
        assert_eq!(values.of::<u16>(), None);
    }
}
