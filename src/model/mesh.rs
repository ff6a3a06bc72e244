//! Face to 468 landmarks.
use serfiq_network::{
    ImportError,
    file::NetworkFile,
    import::{channels_first, network},
    verify::{check_sha256, sha256},
};

use super::{Backend, ModelCard, ModelError, program::Program};
use crate::{
    face::{CanonicalFace, Mesh, MeshRegion},
    frame::Frame,
};

const SIDE: usize = MeshRegion::SIZE as usize;

/// The network of the face mesh on its device, and the canonical face of its landmarks.
pub(crate) struct FaceMesh {
    program: Program,
    /// The network's input for each value of a channel.
    levels: [f32; 256],
    canonical: CanonicalFace,
}

impl FaceMesh {
    /// Loads both from the file that the card names.
    ///
    /// # Errors
    /// A file of the wrong SHA-256, or one that is not the face mesh.
    pub(crate) fn load(card: &ModelCard, file: &[u8], backend: &Backend) -> Result<Self, ModelError> {
        check_sha256(&card.file, file, &card.sha256).map_err(ImportError::from)?;
        let not_one = |problem: String| ModelError::Landmarks { file: card.file.clone(), problem };
        let mut rest = file;
        let mut parts = Vec::new();
        for part in &card.parts {
            let length = usize::try_from(part.bytes).unwrap_or(usize::MAX);
            let (bytes, behind) =
                rest.split_at_checked(length).ok_or_else(|| not_one("it is shorter than its parts".into()))?;
            let found = sha256(bytes);
            if found != part.sha256 {
                return Err(not_one(format!("a part of it has the SHA-256 {found}; expected {}", part.sha256)));
            }
            parts.push(bytes);
            rest = behind;
        }
        let [network_file, geometry] = parts.as_slice() else {
            return Err(not_one(format!("its card names {} parts; expected 2: network and canonical face", parts.len())));
        };
        let mut network = network(NetworkFile::read(network_file)?, &[1, SIDE, SIDE, 3])?;
        if !channels_first(&mut network) {
            return Err(not_one("its network does not begin by moving the channels first".into()));
        }
        let sizes: Vec<usize> = network.outputs.iter().map(|(_, value)| network.shape(*value).iter().product()).collect();
        if sizes != [3 * Mesh::POINTS, 1] {
            return Err(not_one(format!("its network has outputs of {sizes:?} numbers; expected {} and 1", 3 * Mesh::POINTS)));
        }
        let canonical = CanonicalFace::read(geometry).ok_or_else(|| not_one("it contains no canonical face".into()))?;
        Ok(Self { program: Program::new(network, backend), levels: card.input.normalisation().levels(), canonical })
    }

    /// The canonical face of the landmarks.
    pub(crate) fn canonical(&self) -> &CanonicalFace {
        &self.canonical
    }

    /// Finds the landmarks of the face in a region; returns them, and the region in which they were found: the given one, or, if the face
    /// is not in its middle or not upright in it, the one that the landmarks suggest. `None` if what is found does not form a face.
    ///
    /// The transition between the two is gradual: where a second look begins to be needed, its landmarks have little weight. Otherwise a
    /// difference of a hundredth of a pixel, as between two processors, could trigger a look that moves the landmarks by a quarter of a
    /// pixel.
    ///
    /// # Errors
    /// A device that fails.
    pub(crate) async fn find(
        &self,
        backend: &Backend,
        frame: &Frame,
        region: MeshRegion,
    ) -> Result<Option<(Mesh, MeshRegion)>, ModelError> {
        /// Each look takes off most of a tilt.
        const MAX_LOOKS: usize = 4;
        let Some(mut found) = self.look(backend, frame, &region).await?.map(|mesh| (mesh, region)) else { return Ok(None) };
        for _ in 1..MAX_LOOKS {
            let (mesh, region) = &found;
            let Some(own) = mesh.region().filter(|_| mesh.is_face()) else { break };
            let weight = region.need_of_another(&own);
            if weight == 0.0 {
                break;
            }
            let Some(again) = self.look(backend, frame, &own).await? else { break };
            if weight < 1.0 {
                let region = if weight < 0.5 { *region } else { own };
                return Ok(mesh.towards(&again, weight, &self.canonical).map(|mesh| (mesh, region)));
            }
            found = (again, own);
        }
        Ok(Some(found))
    }

    async fn look(&self, backend: &Backend, frame: &Frame, region: &MeshRegion) -> Result<Option<Mesh>, ModelError> {
        let mut outputs = Vec::with_capacity(2);
        for tensor in self.program.run(region.crop(frame, &self.levels)) {
            outputs.push(backend.read(tensor).await?);
        }
        let [points, logit] = outputs.as_slice() else { return Ok(None) };
        let logit = logit.first().copied().filter(|logit| logit.is_finite());
        Ok(logit.and_then(|logit| Mesh::found(points.as_chunks::<3>().0, logit, region, &self.canonical)))
    }
}
