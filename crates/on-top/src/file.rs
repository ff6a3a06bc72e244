use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde::{Deserialize, Serialize};
use serfiq_network::verify::sha256;
use thiserror::Error;

use super::Network;
use super::network::{Layer, WIDTHS};

/// A trained network and its metadata.
#[derive(Debug, Clone, PartialEq)]
pub struct OnTopModel {
    /// The model whose embeddings it was trained on; it scores no others.
    pub recogniser: String,
    /// How it was trained.
    pub training: Training,
    /// The scoring network.
    pub network: Network,
}

/// How a network was trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// All images, including those held out.
    pub images: usize,
    /// Number of identities among them.
    pub identities: usize,
    /// Images held out from training.
    pub held_out: usize,
    /// Held-out images whose identity is recognised.
    pub recognised: usize,
    /// Epochs after which the network was kept.
    pub epochs: u32,
    /// Examples in a step of the optimiser.
    pub batch: usize,
    /// Factor of each step of the optimiser.
    pub learning_rate: f64,
    /// Seed of the random numbers.
    pub seed: u64,
}

impl Training {
    /// Share of the held-out images whose identity is recognised.
    pub fn accuracy(&self) -> f64 {
        self.recognised as f64 / self.held_out as f64
    }
}

/// Why a model was not saved or loaded.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FileError {
    /// The file cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("{} cannot be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not an on-top model, or damaged.
    #[error("{} is not a whole on-top model: {problem}. Expected a file that training wrote; train again", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What was found, and what was expected.
        problem: String,
    },
}

/// The file's only metadata entry, which holds a [`Record`] as JSON. Several entries would have no fixed order, and the same
/// model would not always be the same file.
const RECORD: &str = "serfiq_on_top";
const VERSION: u32 = 1;
const LAYERS: [&str; 3] = ["layer1", "layer2", "embedding"];

#[derive(Serialize, Deserialize)]
struct Record {
    version: u32,
    recogniser: String,
    dropout: f64,
    training: Training,
    /// SHA-256 of the weights.
    sha256: String,
}

impl OnTopModel {
    /// The first eight hexadecimal digits of the SHA-256 of the weights, to tell models apart: scores of two are not comparable.
    pub fn fingerprint(&self) -> String {
        digest(&self.network).chars().take(8).collect()
    }

    /// Writes the model as a safetensors file, atomically.
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub fn save(&self, path: &Path) -> Result<(), FileError> {
        let failed = |source| FileError::Write { path: path.into(), source };
        let contents = self.to_bytes().map_err(|error| failed(io::Error::other(error)))?;
        write(path, &contents).map_err(failed)
    }

    /// Reads a model.
    ///
    /// # Errors
    /// [`FileError::Read`], and [`FileError::Format`] if the file is anything other than what [`save`](Self::save) wrote.
    pub fn load(path: &Path) -> Result<Self, FileError> {
        let contents = fs::read(path).map_err(|source| FileError::Read { path: path.into(), source })?;
        Self::from_bytes(&contents).map_err(|problem| FileError::Format { path: path.into(), problem })
    }

    fn to_bytes(&self) -> Result<Vec<u8>, safetensors::SafeTensorError> {
        let Self { recogniser, training, network } = self;
        let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = LAYERS
            .iter()
            .zip(&network.layers)
            .flat_map(|(name, layer)| {
                let outputs = layer.bias.len();
                [
                    (format!("{name}.weight"), vec![layer.inputs(), outputs], bytes(&layer.weight)),
                    (format!("{name}.bias"), vec![outputs], bytes(&layer.bias)),
                ]
            })
            .collect();
        let record = Record {
            version: VERSION,
            recogniser: recogniser.clone(),
            dropout: network.dropout,
            training: training.clone(),
            sha256: digest(network),
        };
        let metadata = HashMap::from([(RECORD.to_owned(), serde_json::to_string(&record)?)]);
        let views: Result<Vec<_>, _> = tensors
            .iter()
            .map(|(name, shape, data)| TensorView::new(Dtype::F32, shape.clone(), data).map(|view| (name, view)))
            .collect();
        serialize(views?, Some(metadata))
    }

    fn from_bytes(contents: &[u8]) -> Result<Self, String> {
        let unreadable = |error| format!("its {} bytes are not a safetensors file ({error})", contents.len());
        let (_, metadata) = SafeTensors::read_metadata(contents).map_err(unreadable)?;
        let tensors = SafeTensors::deserialize(contents).map_err(unreadable)?;
        let record = metadata.metadata().as_ref().and_then(|metadata| metadata.get(RECORD));
        let record = record.ok_or_else(|| format!("it has no entry `{RECORD}` in its metadata"))?;
        let record: Record =
            serde_json::from_str(record).map_err(|error| format!("its entry `{RECORD}` cannot be read ({error})"))?;
        let Record { version, recogniser, dropout, training, sha256 } = record;
        if version != VERSION {
            return Err(format!("it is of version {version}, expected {VERSION}"));
        }
        if !(dropout > 0.0 && dropout < 1.0) {
            return Err(format!("its dropout is {dropout}, expected one between 0 and 1"));
        }
        // The last layer gives as many values as the first one takes.
        let dimension = floats(&tensors, "embedding.bias", None)?.len();
        let sizes = [dimension, WIDTHS[0], WIDTHS[1], dimension];
        let layer = |index: usize| {
            let (inputs, outputs) = (sizes[index], sizes[index + 1]);
            Ok::<_, String>(Layer {
                weight: floats(&tensors, &format!("{}.weight", LAYERS[index]), Some(&[inputs, outputs]))?,
                bias: floats(&tensors, &format!("{}.bias", LAYERS[index]), Some(&[outputs]))?,
            })
        };
        let network = Network { layers: [layer(0)?, layer(1)?, layer(2)?], dropout };
        let found = digest(&network);
        if found != sha256 {
            return Err(format!("its weights have the SHA-256 {found}, expected {sha256}"));
        }
        Ok(Self { recogniser, training, network })
    }
}

/// Writes a temporary file, and renames it when all of it is on the disk; an error leaves nothing behind.
fn write(path: &Path, contents: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Opened like any new file: those of `tempfile` are private.
    let open = |path: &Path| File::options().write(true).create_new(true).open(path);
    let mut file = tempfile::Builder::new().make_in(folder, open)?;
    file.write_all(contents)?;
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn digest(network: &Network) -> String {
    let values: Vec<u8> =
        network.layers.iter().flat_map(|layer| [bytes(&layer.weight), bytes(&layer.bias)]).flatten().collect();
    sha256(&values)
}

/// Returns a tensor's values, and checks its shape if one is expected.
fn floats(tensors: &SafeTensors, name: &str, expected: Option<&[usize]>) -> Result<Vec<f32>, String> {
    let tensor = tensors.tensor(name).map_err(|_| format!("it has no tensor `{name}`"))?;
    if tensor.dtype() != Dtype::F32 || expected.is_some_and(|expected| tensor.shape() != expected) {
        let of = expected.map_or_else(String::new, |expected| format!(" {expected:?}"));
        return Err(format!("its tensor `{name}` is {} {:?}, expected F32{of}", tensor.dtype(), tensor.shape()));
    }
    Ok(tensor.data().chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::{prelude::*, sample::Index};

    use super::*;

    fn model() -> OnTopModel {
        let layer = |inputs: usize, outputs: usize| Layer {
            weight: (0..inputs * outputs).map(|index| (index as f32).sin()).collect(),
            bias: (0..outputs).map(|index| (index as f32).cos()).collect(),
        };
        OnTopModel {
            recogniser: "sface".into(),
            training: Training {
                images: 10,
                identities: 4,
                held_out: 2,
                recognised: 1,
                epochs: 7,
                batch: 1024,
                learning_rate: 0.1,
                seed: u64::MAX,
            },
            network: Network { layers: [layer(3, 128), layer(128, 512), layer(512, 3)], dropout: 0.5 },
        }
    }

    fn problem(contents: &[u8]) -> String {
        OnTopModel::from_bytes(contents).unwrap_err()
    }

    #[test]
    fn what_is_saved_can_be_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        model().save(&path).unwrap();
        assert_eq!(OnTopModel::load(&path).unwrap(), model());
        assert_eq!(fs::read(&path).unwrap(), model().to_bytes().unwrap(), "the same model is the same file");
        let in_a_folder = folder.path().join("folder");
        fs::create_dir(&in_a_folder).unwrap();
        model().save(&in_a_folder).unwrap_err();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left of what cannot be written");
    }

    #[test]
    fn no_file_is_an_error_that_names_it() {
        let error = OnTopModel::load(Path::new("nowhere.safetensors")).unwrap_err();
        assert!(matches!(&error, FileError::Read { .. }) && error.to_string().contains("nowhere.safetensors"), "{error}");
        let error = model().save(Path::new("nowhere/model.safetensors")).unwrap_err();
        assert!(matches!(&error, FileError::Write { .. }) && error.to_string().contains("nowhere"), "{error}");
    }

    #[test]
    fn another_file_is_refused() {
        assert!(problem(b"").contains("its 0 bytes are not a safetensors file"));
        assert!(problem(&[b'a'; 1000]).contains("its 1000 bytes are not a safetensors file"));
        let data = bytes(&[1.0]);
        let tensor = TensorView::new(Dtype::F32, vec![1], &data).unwrap();
        let file = |record: Option<&str>| {
            let metadata = record.map(|record| HashMap::from([(RECORD.to_owned(), record.to_owned())]));
            serialize([("embedding.bias", &tensor)], metadata).unwrap()
        };
        assert!(problem(&file(None)).contains("no entry `serfiq_on_top`"));
        assert!(problem(&file(Some("{}"))).contains("missing field `version`"));
        let record = |version: u32, dropout: f64| {
            let training = model().training;
            let record = Record { version, recogniser: "sface".into(), dropout, training, sha256: String::new() };
            file(Some(&serde_json::to_string(&record).unwrap()))
        };
        assert_eq!(problem(&record(2, 0.5)), "it is of version 2, expected 1");
        assert_eq!(problem(&record(1, 1.0)), "its dropout is 1, expected one between 0 and 1");
        assert_eq!(problem(&record(1, 0.5)), "it has no tensor `layer1.weight`");
    }

    #[test]
    fn a_network_of_another_shape_is_refused() {
        let mut wide = model();
        wide.network.layers[0] = Layer { weight: vec![0.0; 4 * 128], bias: vec![0.0; 128] };
        let problem = problem(&wide.to_bytes().unwrap());
        assert_eq!(problem, "its tensor `layer1.weight` is F32 [4, 128], expected F32 [3, 128]");
    }

    proptest! {
        /// Most of the damage is to the header, which is read; the weights are only compared with their SHA-256.
        #[test]
        fn no_damage_makes_the_reader_panic(in_header in prop::bool::weighted(0.9), place in any::<Index>(), byte: u8, ends in prop::bool::weighted(0.2)) {
            static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(|| model().to_bytes().unwrap());
            let header = 8 + u64::from_le_bytes(WHOLE[..8].try_into().unwrap()) as usize;
            let mut damaged = WHOLE.clone();
            let place = place.index(if in_header { header } else { WHOLE.len() });
            if ends {
                damaged.truncate(place);
            } else {
                damaged[place] = byte;
            }
            // The same file, or one with other words in its record.
            if let Ok(read) = OnTopModel::from_bytes(&damaged) {
                prop_assert_eq!(read.network, model().network);
            }
        }
    }

    #[test]
    fn every_byte_counts() {
        let whole = model().to_bytes().unwrap();
        for length in [1, 7, 8, 100, whole.len() / 2, whole.len() - 1] {
            assert!(problem(&whole[..length]).contains("are not a safetensors file"), "{length} bytes");
        }
        let header = 8 + u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
        for index in (header..whole.len()).step_by(997) {
            let mut damaged = whole.clone();
            damaged[index] ^= 1;
            assert!(problem(&damaged).contains("SHA-256"), "byte {index}");
        }
    }
}
