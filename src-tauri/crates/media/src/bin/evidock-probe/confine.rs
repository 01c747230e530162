use rustix::io;
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, getrlimit, set_dumpable_behavior, set_parent_process_death_signal,
    setrlimit,
};

/// Largest file this process may write: a key frame has some 20 KB.
const FILE_BYTES_MAX: u64 = 8 << 20;
/// Open files: standard streams, the footage, one key frame, and a reserve for libc.
const OPEN_FILES_MAX: u64 = 16;

/// Gives up what a parser of foreign bytes does not need. To be called before libav is.
///
/// Memory is counted as writable memory (`RLIMIT_DATA`): the address space of libav's libraries alone would make
/// `RLIMIT_AS` a guess. No core dump is ever written, since it would hold footage.
pub fn confine(memory_bytes: u64, cpu_seconds: u64) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    rustix::thread::set_no_new_privs(true)?;
    for (resource, most) in [
        (Resource::Data, memory_bytes),
        (Resource::Cpu, cpu_seconds),
        (Resource::Fsize, FILE_BYTES_MAX),
        (Resource::Nofile, OPEN_FILES_MAX),
        (Resource::Core, 0),
    ] {
        let allowed = getrlimit(resource).maximum.map_or(most, |maximum| maximum.min(most));
        setrlimit(resource, Rlimit { current: Some(allowed), maximum: Some(allowed) })?;
    }
    Ok(())
}
