/// A call of the engine, with no threads to keep awake.
pub(crate) struct Call;

impl Call {
    pub(crate) fn begin() -> Self {
        Self
    }
}
