//! Which names in two files mean the same picture, however they are spelled.
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

/// Number of rows shown in an error.
const SHOWN: usize = 3;

/// Returns the canonical spelling of each path: absolute, without `.`, `..` and links to folders. Neither the file nor its
/// folder needs to exist.
#[derive(Debug, Default)]
pub struct Places {
    /// Many files share a folder.
    folders: HashMap<PathBuf, PathBuf>,
}

impl Places {
    pub fn of(&mut self, path: &Path) -> PathBuf {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return resolved(path) };
        if let Some(folder) = self.folders.get(folder) {
            return folder.join(name);
        }
        let place = resolved(folder);
        self.folders.insert(folder.to_owned(), place.clone());
        place.join(name)
    }
}

/// Follows links in the existing part of a path, and resolves the rest by its spelling.
fn resolved(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    if let Ok(resolved) = path.canonicalize() {
        return resolved;
    }
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut place = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::ParentDir => {
                place.pop();
            }
            Component::Normal(name) => {
                place.push(name);
                place = place.canonicalize().unwrap_or(place);
            }
            component => place.push(component),
        }
    }
    place
}

/// The pictures to find among the rows of a file.
pub struct Wanted<'a> {
    pub names: &'a [String],
    /// Folder that their names are relative to.
    pub folder: &'a Path,
}

/// Why a file's rows do not fit the pictures.
#[derive(Debug, PartialEq, Eq)]
pub enum Misfit {
    /// A picture has no row.
    Unknown {
        /// Its index.
        wanted: usize,
        /// The place that was searched for, and some of the rows.
        looked_for: String,
    },
    /// A picture has two rows, at these indices.
    Twice([usize; 2]),
}

impl Wanted<'_> {
    /// Returns the row of each picture. Rows may be named like the pictures, or relative to the current folder (as `serfiq
    /// score` was given them), or relative to the folder of their `file`. The first of these that finds all pictures is used.
    pub fn among(&self, rows: &[&str], file: &Path) -> Result<Vec<usize>, Misfit> {
        let mut places = Places::default();
        let wanted: Vec<PathBuf> = self.names.iter().map(|name| places.of(&self.folder.join(name))).collect();
        let mut best = None::<(usize, usize)>;
        let file_folder = file.parent().unwrap_or(Path::new(""));
        // A link counts as its target only if nothing else fits: in a collection of links, each is a picture.
        for follow in [false, true] {
            let followed = |place: &PathBuf| place.canonicalize().ok().filter(|_| follow).unwrap_or_else(|| place.clone());
            for folder in [self.folder, Path::new(""), file_folder] {
                let mut row_at = HashMap::new();
                let mut twice = None;
                for (row, name) in rows.iter().enumerate() {
                    let first = *row_at.entry(followed(&places.of(&folder.join(name)))).or_insert(row);
                    if first != row && !follow {
                        twice.get_or_insert([first, row]);
                    }
                }
                let found: Vec<Option<usize>> = wanted.iter().map(|place| row_at.get(&followed(place)).copied()).collect();
                match found.iter().position(Option::is_none) {
                    None => return twice.map_or(Ok(found.into_iter().flatten().collect()), |rows| Err(Misfit::Twice(rows))),
                    Some(missing) => {
                        let count = found.iter().flatten().count();
                        if best.is_none_or(|(most, _)| count > most) {
                            best = Some((count, missing));
                        }
                    }
                }
            }
        }
        let missing = best.map_or(0, |(_, missing)| missing);
        let shown: Vec<String> = rows.iter().take(SHOWN).map(|row| format!("{row:?}")).collect();
        let more = if rows.len() > SHOWN { format!(", ... ({} in all)", rows.len()) } else { String::new() };
        let place = wanted.get(missing).map(|place| place.display().to_string()).unwrap_or_default();
        let looked_for = format!("looked for {place}; its images are {}{more}", shown.join(", "));
        Err(Misfit::Unknown { wanted: missing, looked_for })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn among(names: &[&str], folder: &Path, rows: &[&str], file: &Path) -> Result<Vec<usize>, Misfit> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        Wanted { names: &names, folder }.among(rows, file)
    }

    #[test]
    fn paths_are_compared_however_they_are_spelled() {
        let here = std::env::current_dir().unwrap();
        let absolute = |name: &str| here.join(name).to_str().unwrap().to_owned();
        let spellings = [
            "photos/a.jpg".to_owned(),
            "./photos/a.jpg".into(),
            "photos//a.jpg".into(),
            "photos/./a.jpg".into(),
            "photos/b/../a.jpg".into(),
            "b/../photos/a.jpg".into(),
            "./b/.././photos//a.jpg".into(),
            absolute("photos/a.jpg"),
            absolute("./b/../photos/a.jpg"),
        ];
        for row in &spellings {
            for (wanted, folder) in
                spellings.iter().map(|name| (name.as_str(), "")).chain([("a.jpg", "photos"), ("./a.jpg", "photos/")])
            {
                let found = among(&[wanted], Path::new(folder), &["x.jpg", row], Path::new("scores.csv"));
                assert_eq!(found, Ok(vec![1]), "{wanted} in {folder:?}, {row}");
            }
        }
    }

    #[test]
    fn rows_may_be_named_from_three_folders() {
        let wanted = ["a.jpg", "b/a.jpg"];
        for (rows, file) in [
            (["b/a.jpg", "a.jpg"], "scores.csv"),
            (["photos/b/a.jpg", "photos/a.jpg"], "scores.csv"),
            (["../photos/b/a.jpg", "../photos/a.jpg"], "results/scores.csv"),
        ] {
            assert_eq!(among(&wanted, Path::new("photos"), &rows, Path::new(file)), Ok(vec![1, 0]), "{rows:?}");
        }
        // Names relative to the pictures' own folder come first.
        let rows = ["photos/a.jpg", "a.jpg", "b/a.jpg"];
        assert_eq!(among(&wanted, Path::new("photos"), &rows, Path::new("scores.csv")), Ok(vec![1, 2]));
    }

    #[test]
    fn what_does_not_fit_is_shown() {
        let misfit =
            |wanted: &[&str], rows: &[&str]| among(wanted, Path::new("photos"), rows, Path::new("scores.csv")).unwrap_err();
        let Misfit::Unknown { wanted: 1, looked_for } = misfit(&["a.jpg", "b.jpg"], &["a.jpg", "c.jpg", "d.jpg", "e.jpg"])
        else {
            panic!("the second is unknown");
        };
        let place = Path::new("photos").join("b.jpg");
        let place = std::env::current_dir().unwrap().canonicalize().unwrap().join(place);
        let expected =
            format!("looked for {}; its images are \"a.jpg\", \"c.jpg\", \"d.jpg\", ... (4 in all)", place.display());
        assert_eq!(looked_for, expected);
        assert_eq!(misfit(&["a.jpg"], &["a.jpg", "x.jpg", "./a.jpg"]), Misfit::Twice([0, 2]));
        assert!(matches!(misfit(&["a.jpg"], &[]), Misfit::Unknown { wanted: 0, .. }));
    }

    #[test]
    #[cfg(unix)]
    fn links_are_followed() {
        use std::fs;
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("real")).unwrap();
        for name in ["a.jpg", "b.jpg"] {
            fs::write(at("real").join(name), name).unwrap();
        }
        symlink(at("real"), at("link")).unwrap();
        symlink(at("real/a.jpg"), at("other.jpg")).unwrap();
        let found = |wanted: &[&str], rows: &[&str]| {
            let rows: Vec<String> = rows.iter().map(|row| at(row).to_str().unwrap().to_owned()).collect();
            let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
            among(wanted, folder.path(), &rows, Path::new("scores.csv"))
        };
        assert_eq!(found(&["real/a.jpg", "link/b.jpg"], &["real/b.jpg", "link/a.jpg"]), Ok(vec![1, 0]));
        assert_eq!(found(&["real/gone.jpg"], &["link/gone.jpg"]), Ok(vec![0]), "the file need not exist");
        assert_eq!(found(&["other.jpg"], &["real/a.jpg"]), Ok(vec![0]));
        // If all links exist, each is a picture of its own.
        assert_eq!(found(&["other.jpg", "real/a.jpg"], &["real/a.jpg", "other.jpg"]), Ok(vec![1, 0]));
    }
}
