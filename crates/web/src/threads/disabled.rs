/// A call of the engine, in which nobody has to be kept awake.
pub(crate) struct Call;

impl Call {
    pub(crate) fn begin() -> Self {
        Self
    }
}
