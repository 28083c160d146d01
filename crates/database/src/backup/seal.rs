//! The form of a backup file: compressed with zstd, then sealed with AES-256-GCM in pieces.
//!
//! ```text
//! "ATBACKUP1\n"   10 bytes
//! salt            32 random bytes, of this file only
//! pieces          1 MiB of ciphertext and a tag of 16 bytes each; the last one is shorter, and may be empty
//! ```
//!
//! The key of a file is HKDF-SHA-256 of the configured key with the salt. The nonce of a piece is its number, with a
//! mark on the last one (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015): pieces cannot be
//! changed, exchanged, repeated or left off. The header is authenticated with every piece.

use std::io::{self, Read, Write};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::{ExposeSecret as _, SecretString};

const MAGIC: &[u8; 10] = b"ATBACKUP1\n";
const SALT: usize = 32;
const HEADER: usize = MAGIC.len() + SALT;
/// Plain bytes in a piece.
const PIECE: usize = 1 << 20;
const TAG: usize = 16;
/// Compression: level 3 is zstd's own default.
const LEVEL: i32 = 3;

/// Where a piece stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Inside,
    Last,
}

struct Pieces {
    key: LessSafeKey,
    header: [u8; HEADER],
    number: u64,
}

impl Pieces {
    fn new(key: &SecretString, header: [u8; HEADER]) -> io::Result<Self> {
        let salt = header.get(MAGIC.len()..).unwrap_or_default();
        let derived = Salt::new(HKDF_SHA256, salt).extract(key.expose_secret().as_bytes());
        let derived = derived
            .expand(&[b"ai-trader backup file"], &AES_256_GCM)
            .map_err(|_too_long| io::Error::other("the key of the file cannot be derived"))?;
        Ok(Self {
            key: LessSafeKey::new(UnboundKey::from(derived)),
            header,
            number: 0,
        })
    }

    /// The nonce of the next piece; numbers never repeat under one key.
    fn nonce(&mut self, place: Place) -> io::Result<Nonce> {
        let mut bytes = [0_u8; NONCE_LEN];
        if place == Place::Last {
            bytes[0] = 1;
        }
        for (to, from) in bytes.iter_mut().skip(4).zip(self.number.to_be_bytes()) {
            *to = from;
        }
        let next = self.number.checked_add(1);
        self.number = next.ok_or_else(|| io::Error::other("the file has too many pieces"))?;
        Ok(Nonce::assume_unique_for_key(bytes))
    }
}

/// Seals what is written to it.
struct Sealing<W: Write> {
    to: W,
    pieces: Pieces,
    plain: Vec<u8>,
}

impl<W: Write> Sealing<W> {
    fn new(mut to: W, key: &SecretString) -> io::Result<Self> {
        let mut header = [0_u8; HEADER];
        let (magic, salt) = header.split_at_mut(MAGIC.len());
        magic.copy_from_slice(MAGIC);
        // Randomness that nobody may foresee comes from the system, not from a seed of the caller.
        SystemRandom::new()
            .fill(salt)
            .map_err(|_unspecified| io::Error::other("the system gives no random bytes"))?;
        to.write_all(&header)?;
        Ok(Self {
            to,
            pieces: Pieces::new(key, header)?,
            plain: Vec::with_capacity(PIECE + TAG),
        })
    }

    fn seal(&mut self, place: Place) -> io::Result<()> {
        let nonce = self.pieces.nonce(place)?;
        self.pieces
            .key
            .seal_in_place_append_tag(nonce, Aad::from(&self.pieces.header), &mut self.plain)
            .map_err(|_unspecified| io::Error::other("a piece cannot be sealed"))?;
        self.to.write_all(&self.plain)?;
        self.plain.clear();
        Ok(())
    }

    fn finish(mut self) -> io::Result<W> {
        self.seal(Place::Last)?;
        self.to.flush()?;
        Ok(self.to)
    }
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full piece is sealed when more comes: only then it is not the last.
        if self.plain.len() == PIECE && !bytes.is_empty() {
            self.seal(Place::Inside)?;
        }
        let taken = bytes.len().min(PIECE - self.plain.len());
        self.plain
            .extend_from_slice(bytes.get(..taken).unwrap_or_default());
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens what was sealed, piece by piece; nothing is given out that is not authentic.
struct Opening<R: Read> {
    from: R,
    pieces: Pieces,
    /// The next piece, still sealed.
    ahead: Vec<u8>,
    plain: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Opening<R> {
    fn new(mut from: R, key: &SecretString) -> io::Result<Self> {
        let mut header = [0_u8; HEADER];
        from.read_exact(&mut header)
            .map_err(|_short| damaged("is too short"))?;
        if !header.starts_with(MAGIC) {
            return Err(damaged("is no backup of this program"));
        }
        let ahead = piece(&mut from)?;
        Ok(Self {
            from,
            pieces: Pieces::new(key, header)?,
            ahead,
            plain: Vec::new(),
            given: 0,
            ended: false,
        })
    }

    fn open_next(&mut self) -> io::Result<()> {
        let next = piece(&mut self.from)?;
        let place = if next.is_empty() {
            Place::Last
        } else {
            Place::Inside
        };
        let nonce = self.pieces.nonce(place)?;
        let mut sealed = std::mem::replace(&mut self.ahead, next);
        let aad = Aad::from(&self.pieces.header);
        let plain = self
            .pieces
            .key
            .open_in_place(nonce, aad, &mut sealed)
            .map_err(|_unspecified| damaged("is damaged or cut off, or the key is another one"))?
            .len();
        sealed.truncate(plain);
        self.plain = sealed;
        self.given = 0;
        self.ended = place == Place::Last;
        Ok(())
    }
}

impl<R: Read> Read for Opening<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while self.given == self.plain.len() && !self.ended {
            self.open_next()?;
        }
        let left = self.plain.get(self.given..).unwrap_or_default();
        let count = left.len().min(to.len());
        if let (Some(to), Some(from)) = (to.get_mut(..count), left.get(..count)) {
            to.copy_from_slice(from);
        }
        self.given += count;
        Ok(count)
    }
}

/// Up to one sealed piece; empty at the end.
fn piece(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(PIECE + TAG);
    from.take((PIECE + TAG) as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

/// Compresses and seals everything that comes.
pub(super) fn seal(from: &mut impl Read, to: impl Write, key: &SecretString) -> io::Result<()> {
    let mut encoder = zstd::Encoder::new(Sealing::new(to, key)?, LEVEL)?;
    encoder.include_checksum(true)?;
    io::copy(from, &mut encoder)?;
    encoder.finish()?.finish().map(drop)
}

/// Opens and decompresses everything into `to`.
///
/// Gives an error of kind `InvalidData` for anything but a whole file sealed with this key.
pub(super) fn open(from: impl Read, to: &mut impl Write, key: &SecretString) -> io::Result<()> {
    open_with(from, key, &mut |plain| io::copy(plain, to).map(drop))?;
    to.flush()
}

/// Opens and decompresses for a reader, who need not take everything. What it was given is authentic; that it is whole
/// is known only when this succeeds.
pub(super) fn open_with(
    from: impl Read,
    key: &SecretString,
    take: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>,
) -> io::Result<()> {
    let mut opening = Opening::new(from, key)?;
    {
        let mut decoder = zstd::Decoder::new(&mut opening)?;
        take(&mut decoder)?;
        io::copy(&mut decoder, &mut io::sink())?;
    }
    // The last piece is authentic too.
    if io::copy(&mut opening, &mut io::sink())? > 0 {
        return Err(damaged("has something after its end"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> SecretString {
        SecretString::from(text)
    }

    /// Bytes that compress badly, so that pieces fill.
    fn noise(length: usize) -> Vec<u8> {
        let mut state = 7_u64;
        let mut byte = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 56) as u8
        };
        (0..length).map(|_| byte()).collect()
    }

    fn sealed(plain: &[u8]) -> Vec<u8> {
        let mut file = Vec::new();
        seal(&mut &plain[..], &mut file, &key("k")).unwrap();
        file
    }

    fn opened(file: &[u8], with: &str) -> io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        open(file, &mut plain, &key(with)).map(|()| plain)
    }

    #[test]
    fn every_length_comes_back_and_no_two_files_are_alike() {
        for length in [0, 1, 1_000, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 17] {
            let plain = noise(length);
            let file = sealed(&plain);
            assert!(opened(&file, "k").unwrap() == plain, "{length}");
            assert!(opened(&file, "another").is_err(), "{length}");
            assert_ne!(file, sealed(&plain));
        }
    }

    #[test]
    fn a_changed_exchanged_or_missing_byte_is_found() {
        let file = sealed(&noise(2 * PIECE + 100));
        for place in [
            0,
            11,
            40,
            50,
            HEADER + PIECE,
            HEADER + PIECE + TAG + 3,
            file.len() - 1,
        ] {
            let mut bad = file.clone();
            bad[place] ^= 1;
            assert!(opened(&bad, "k").is_err(), "bit of byte {place}");
        }
        for cut in [
            0,
            5,
            HEADER,
            HEADER + 7,
            HEADER + PIECE + TAG,
            file.len() - 1,
        ] {
            assert!(opened(&file[..cut], "k").is_err(), "cut at {cut}");
        }
        let mut exchanged = file.clone();
        let (first, rest) = exchanged[HEADER..].split_at_mut(PIECE + TAG);
        first.swap_with_slice(&mut rest[..PIECE + TAG]);
        assert!(opened(&exchanged, "k").is_err());
        let longer = [&file[..], b"x"].concat();
        assert!(opened(&longer, "k").is_err());
    }
}
