//! A card as the kernel asks for it.

use crate::card::{Answer, Card};
use crate::tree::Content;
use fuser::{
    Errno, FileHandle, Filesystem, FopenFlags, Generation, INodeNo, InitFlags, KernelConfig, LockOwner, OpenFlags,
    ReplyAttr, ReplyData, ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyOpen, ReplyStatfs, Request,
};
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::thread;
use std::time::{Duration, Instant};

/// The kernel asks anew each time: what it knows may have changed.
const NO_TIME: Duration = Duration::ZERO;
const BLOCK_BYTES: u32 = 4096;
/// Size told of any card: 64 GiB.
const BLOCKS: u64 = 1 << 24;

pub(crate) struct CardFuse(pub Card);

impl Filesystem for CardFuse {
    fn init(&mut self, _: &Request, config: &mut KernelConfig) -> io::Result<()> {
        // Some readers map files; Linux before 6.6 refuses that where reads bypass its cache, and so do we there.
        config.add_capabilities(InitFlags::FUSE_DIRECT_IO_ALLOW_MMAP).unwrap_or(());
        Ok(())
    }

    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        match self.0.lookup(parent.0, name) {
            Ok(attributes) => reply.entry(&NO_TIME, &attributes, Generation(0)),
            Err(error) => reply.error(error),
        }
    }

    fn getattr(&self, _: &Request, inode: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        match self.0.attributes(inode.0) {
            Ok(attributes) => reply.attr(&NO_TIME, &attributes),
            Err(error) => reply.error(error),
        }
    }

    fn readlink(&self, _: &Request, inode: INodeNo, reply: ReplyData) {
        match self.0.link(inode.0) {
            Ok(Content::Link(target)) => reply.data(target.as_os_str().as_bytes()),
            Ok(_) => reply.error(Errno::EINVAL),
            Err(error) => reply.error(error),
        }
    }

    fn open(&self, _: &Request, inode: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        let flags = if self.0.is_cached() { FopenFlags::FOPEN_KEEP_CACHE } else { FopenFlags::FOPEN_DIRECT_IO };
        match self.0.open(inode.0) {
            Ok(handle) => reply.opened(FileHandle(handle), flags),
            Err(error) => reply.error(error),
        }
    }

    fn read(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        match self.0.read(handle.0, offset, size) {
            Ok(Answer::Bytes(bytes, done)) => {
                if let Some(done) = done {
                    thread::sleep(done.saturating_duration_since(Instant::now()));
                }
                reply.data(&bytes);
            }
            // On a thread of its own: other reads are answered meanwhile.
            Ok(Answer::Stalled(wait)) => {
                let card = self.0.clone();
                thread::spawn(move || {
                    card.wait(&wait);
                    match card.read(handle.0, offset, size) {
                        Ok(Answer::Bytes(bytes, _)) => reply.data(&bytes),
                        Ok(Answer::Stalled(_)) => reply.error(Errno::EIO),
                        Err(error) => reply.error(error),
                    }
                });
            }
            Err(error) => reply.error(error),
        }
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn release(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        _: OpenFlags,
        _: Option<LockOwner>,
        _: bool,
        reply: ReplyEmpty,
    ) {
        self.0.close(handle.0);
        reply.ok();
    }

    fn opendir(&self, _: &Request, inode: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        match self.0.open_folder(inode.0) {
            Ok(handle) => reply.opened(FileHandle(handle), FopenFlags::empty()),
            Err(error) => reply.error(error),
        }
    }

    fn readdir(&self, _: &Request, _: INodeNo, handle: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        match self.0.list(handle.0, offset as usize) {
            Ok(rest) => {
                for (index, (inode, kind, name)) in rest.into_iter().enumerate() {
                    if reply.add(INodeNo(inode), offset + index as u64 + 1, kind, name) {
                        break;
                    }
                }
                reply.ok();
            }
            Err(error) => reply.error(error),
        }
    }

    fn releasedir(&self, _: &Request, _: INodeNo, handle: FileHandle, _: OpenFlags, reply: ReplyEmpty) {
        self.0.close(handle.0);
        reply.ok();
    }

    /// Answers as the card does: one that went away has no size either.
    fn statfs(&self, _: &Request, inode: INodeNo, reply: ReplyStatfs) {
        match self.0.attributes(inode.0) {
            Ok(_) => reply.statfs(BLOCKS, 0, 0, 0, 0, BLOCK_BYTES, 255, BLOCK_BYTES),
            Err(error) => reply.error(error),
        }
    }
}
