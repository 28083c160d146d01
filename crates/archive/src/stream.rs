//! Objects in and out as streams, each with its SHA-256: a few parts in memory, whatever the size.

use std::io::{self, Read};

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use object_store::path::Path;
use object_store::{ObjectStoreExt as _, PutPayload};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;

use crate::error::ArchiveError;
use crate::place::Place;

/// Bytes of a part: above the 5 MiB that S3 wants at least. Up to two parts are in memory at once.
pub const PART: usize = 8 << 20;

/// Length and digests of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
    pub(crate) blake3: String,
}

/// Counts and digests what passes.
#[derive(Default)]
struct Meter {
    bytes: u64,
    sha256: Sha256,
    blake3: blake3::Hasher,
}

impl Meter {
    fn add(&mut self, bytes: &[u8]) {
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        self.sha256.update(bytes);
        self.blake3.update(bytes);
    }

    fn seen(self) -> Seen {
        Seen {
            bytes: self.bytes,
            sha256: hex(&self.sha256.finalize()),
            blake3: self.blake3.finalize().to_hex().to_string(),
        }
    }
}

/// The digest of a stream.
pub(crate) fn digest(content: &mut dyn Read) -> io::Result<Seen> {
    let mut meter = Meter::default();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = content.read(&mut buffer)?;
        if count == 0 {
            return Ok(meter.seen());
        }
        meter.add(buffer.get(..count).unwrap_or_default());
    }
}

/// The SHA-256 of bytes, in hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Place {
    /// Writes an object from a stream; it appears complete or not at all.
    ///
    /// # Errors
    /// [`ArchiveError`]; parts that were sent already are given up.
    pub(crate) fn put(&self, name: &str, content: &mut dyn Read) -> Result<Seen, ArchiveError> {
        let failed = |error| self.failed(name, "writing an object", &error);
        let read = |buffer: &mut dyn Read| {
            part(buffer).map_err(|source| {
                ArchiveError::Store(trader_storage::DataError::Io {
                    file: name.to_owned(),
                    doing: "reading what is to be archived",
                    source,
                })
            })
        };
        let at = self.at(name);
        let mut meter = Meter::default();
        let first = read(content)?;
        meter.add(&first);
        if first.len() < PART {
            let payload = PutPayload::from(first);
            self.runtime
                .block_on(self.objects.put(&at, payload))
                .map_err(failed)?;
            return Ok(meter.seen());
        }
        let mut upload = self
            .runtime
            .block_on(self.objects.put_multipart(&at))
            .map_err(failed)?;
        let mut next = first;
        let outcome = loop {
            let is_last = next.len() < PART;
            let sent = self.runtime.block_on(upload.put_part(next.into()));
            if let Err(error) = sent {
                break Err(failed(error));
            }
            if is_last {
                break Ok(());
            }
            match read(content) {
                // The object's length is a multiple of a part's.
                Ok(bytes) if bytes.is_empty() => break Ok(()),
                Ok(bytes) => {
                    meter.add(&bytes);
                    next = bytes;
                }
                Err(error) => break Err(error),
            }
        };
        let outcome = outcome.and_then(|()| {
            let completed = self.runtime.block_on(upload.complete());
            completed.map(drop).map_err(failed)
        });
        match outcome {
            Ok(()) => Ok(meter.seen()),
            Err(error) => {
                // Parts that cannot be given up now are what the bucket's rule for abandoned uploads is for.
                drop(self.runtime.block_on(upload.abort()));
                Err(error)
            }
        }
    }

    /// An object as a stream; nothing is checked.
    ///
    /// # Errors
    /// [`ArchiveError::Missing`] when there is none.
    pub(crate) fn get(&self, name: &str) -> Result<Download, ArchiveError> {
        let got = self
            .runtime
            .block_on(self.objects.get(&self.at(name)))
            .map_err(|error| self.failed(name, "reading an object", &error))?;
        Ok(Download {
            handle: self.runtime.handle().clone(),
            stream: got.into_stream(),
            current: Bytes::new(),
            failure: None,
        })
    }

    /// The length of an object; `None` when there is none.
    ///
    /// # Errors
    /// [`ArchiveError`] when that cannot be told.
    pub(crate) fn length(&self, name: &str) -> Result<Option<u64>, ArchiveError> {
        match self.runtime.block_on(self.objects.head(&self.at(name))) {
            Ok(meta) => Ok(Some(meta.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.failed(name, "looking for an object", &error)),
        }
    }

    /// Length and digest of an object, read whole.
    ///
    /// # Errors
    /// [`ArchiveError`] when it cannot be read to its end.
    pub(crate) fn seen(&self, name: &str) -> Result<Seen, ArchiveError> {
        let mut content = self.get(name)?;
        digest(&mut content).map_err(|error| content.failure(self, name, &error))
    }

    /// A small object in memory.
    ///
    /// # Errors
    /// [`ArchiveError::Damaged`] when it is longer than `most`.
    pub(crate) fn small(&self, at: &Path, most: u64) -> Result<Vec<u8>, ArchiveError> {
        let name = at.as_ref();
        let got = self
            .runtime
            .block_on(self.objects.get(at))
            .map_err(|error| self.failed(name, "reading an object", &error))?;
        if got.meta.size > most {
            return Err(self.damaged(name, "it is larger than any record"));
        }
        let bytes = self
            .runtime
            .block_on(got.bytes())
            .map_err(|error| self.failed(name, "reading an object", &error))?;
        Ok(bytes.to_vec())
    }

    /// Asks for the first object, to learn whether anything can be asked at all.
    ///
    /// # Errors
    /// [`ArchiveError`] when the place cannot be listed.
    pub(crate) fn probe(&self) -> Result<(), ArchiveError> {
        let first = self
            .runtime
            .block_on(async { self.objects.list(Some(&self.prefix)).next().await });
        match first.transpose() {
            Ok(_found) => Ok(()),
            Err(error) => match self.failed("", "listing objects", &error) {
                ArchiveError::Missing { .. } => Ok(()),
                error => Err(error),
            },
        }
    }

    /// Names of all objects below a folder, in order.
    ///
    /// # Errors
    /// [`ArchiveError`] when they cannot be listed.
    pub(crate) fn names(&self, folder: &str) -> Result<Vec<Path>, ArchiveError> {
        let prefix = self.at(folder);
        let listed = async {
            let mut names = Vec::new();
            let mut stream = self.objects.list(Some(&prefix));
            while let Some(meta) = stream.next().await {
                names.push(meta?.location);
            }
            Ok::<_, object_store::Error>(names)
        };
        let mut names = self.runtime.block_on(listed).or_else(|error| match error {
            object_store::Error::NotFound { .. }
                if !matches!(
                    self.failed(folder, "listing", &error),
                    ArchiveError::NoBucket { .. }
                ) =>
            {
                Ok(Vec::new())
            }
            error => Err(self.failed(folder, "listing objects", &error)),
        })?;
        names.sort();
        Ok(names)
    }
}

/// The next part of a stream; shorter than [`PART`] at its end.
fn part(content: &mut dyn Read) -> io::Result<Bytes> {
    let mut bytes = Vec::new();
    content.take(PART as u64).read_to_end(&mut bytes)?;
    Ok(bytes.into())
}

/// An object on its way here.
pub(crate) struct Download {
    handle: Handle,
    stream: BoxStream<'static, object_store::Result<Bytes>>,
    current: Bytes,
    failure: Option<object_store::Error>,
}

impl Download {
    /// What ended the stream early.
    pub(crate) fn failure(&self, place: &Place, name: &str, error: &io::Error) -> ArchiveError {
        match &self.failure {
            Some(failure) => place.failed(name, "reading an object", failure),
            None => place.damaged(name, &error.to_string()),
        }
    }
}

impl Read for Download {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            match self.handle.block_on(self.stream.next()) {
                None => return Ok(0),
                Some(Ok(bytes)) => self.current = bytes,
                Some(Err(error)) => {
                    let shown = io::Error::other(error.to_string());
                    self.failure = Some(error);
                    return Err(shown);
                }
            }
        }
        let count = self.current.len().min(buffer.len());
        let taken = self.current.split_to(count);
        if let Some(target) = buffer.get_mut(..count) {
            target.copy_from_slice(&taken);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::{Bounds, Keys, S3Settings};
    use std::time::Duration;
    use trader_testkit_s3::{KEY_ID, S3Server, SECRET};

    /// So many bytes that do not repeat.
    struct Noise {
        state: u64,
        left: usize,
    }

    impl Read for Noise {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.left.min(buffer.len()).min(10_007);
            for byte in &mut buffer[..count] {
                self.state = self
                    .state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                *byte = self.state.to_be_bytes()[0];
            }
            self.left -= count;
            Ok(count)
        }
    }

    fn noise(left: usize) -> Noise {
        Noise { state: 9, left }
    }

    fn place(url: &str, endpoint: &str) -> Place {
        let settings = S3Settings {
            endpoint: Some(endpoint.to_owned()),
            region: "us-east-1".to_owned(),
            keys: Some(Keys {
                id: KEY_ID.into(),
                secret: SECRET.into(),
            }),
            bounds: Bounds {
                call: Duration::from_secs(20),
                patience: Duration::from_secs(20),
            },
        };
        Place::open(url, &settings).unwrap()
    }

    fn sizes_go_through(place: &Place) {
        for size in [0, 1, PART - 1, PART, PART + 1, 2 * PART + 77] {
            let name = format!("a/{size}");
            let expected = digest(&mut noise(size)).unwrap();
            assert_eq!(place.put(&name, &mut noise(size)).unwrap(), expected);
            assert_eq!(place.length(&name).unwrap(), Some(size as u64));
            assert_eq!(place.seen(&name).unwrap(), expected, "{size}");
        }
    }

    #[test]
    fn objects_of_any_number_of_parts_go_through_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("file://{}", folder.path().display());
        sizes_go_through(&place(&url, "http://127.0.0.1:1"));
    }

    #[test]
    fn objects_of_any_number_of_parts_go_through_an_s3_compatible_service() {
        let server = S3Server::start(&["cold"]);
        sizes_go_through(&place("s3://cold", &server.url()));
    }

    #[test]
    fn a_stream_that_fails_in_a_later_part_leaves_no_object() {
        let server = S3Server::start(&["cold"]);
        let place = place("s3://cold", &server.url());
        struct Breaks(Noise);
        impl Read for Breaks {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                match self.0.read(buffer)? {
                    0 => Err(io::Error::other("the disk is gone")),
                    count => Ok(count),
                }
            }
        }
        let error = place.put("a", &mut Breaks(noise(PART + 5))).unwrap_err();
        assert!(matches!(error, ArchiveError::Store(_)), "{error}");
        assert_eq!(place.length("a").unwrap(), None);
    }
}
