//! The models inside this program, so that a release is one file that works anywhere.

/// Returns the file of a model that comes with serfiq, if this program was built with it.
#[cfg(feature = "bundled-models")]
pub fn model(name: &str) -> Option<&'static [u8]> {
    match name {
        "sface" => Some(include_bytes!("../../../models/files/face_recognition_sface_2021dec_int8bq.onnx")),
        "face-mesh" => Some(include_bytes!("../../../models/files/face_mesh.bin")),
        "yunet" => Some(include_bytes!("../../../models/files/face_detection_yunet_2023mar_int8bq.onnx")),
        _ => None,
    }
}

/// Returns nothing: this program was built without models.
#[cfg(not(feature = "bundled-models"))]
pub fn model(_: &str) -> Option<&'static [u8]> {
    None
}

#[cfg(all(test, feature = "bundled-models"))]
mod tests {
    use super::*;

    #[test]
    fn every_model_is_inside() {
        for card in serfiq::models() {
            assert_eq!(model(&card.name).map(serfiq_network::verify::sha256), Some(card.sha256.clone()), "{}", card.name);
        }
    }
}
