//! In the place of `gpu`, in a build without one.
use super::Backend;

pub(super) async fn open(_software_too: bool) -> Result<Backend, String> {
    Err("this build is one for the CPU alone".into())
}
