//! System calls by name: which there are, and which of them may fail for want of a sound disk.

use nix::libc;

/// What a call may return when the disk is bad.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// It touches files: EIO.
    File,
    /// It takes room: EIO, and ENOSPC.
    Room,
    /// It touches no disk. `fcntl` and `flock` stand here: the locks of a local disk are kept in memory. So does
    /// `close`: what it could report was reported by the sync before it, and the standard library takes a folder that
    /// does not close for a mistake of the program.
    Other,
}

macro_rules! calls {
    ($($kind:ident: $($name:ident)+;)+) => {
        const CALLS: &[(&str, u64, Kind)] = &[
            $($((strip(stringify!($name)), libc::$name as u64, Kind::$kind),)+)+
        ];
    };
}

/// Drops `SYS_`.
const fn strip(name: &str) -> &str {
    name.split_at(4).1
}

calls! {
    File: SYS_read SYS_pread64 SYS_readv SYS_preadv SYS_preadv2 SYS_stat SYS_fstat SYS_lstat SYS_newfstatat SYS_statx
        SYS_access SYS_faccessat SYS_faccessat2 SYS_lseek SYS_getdents64 SYS_getcwd SYS_readlink
        SYS_readlinkat SYS_statfs SYS_fstatfs SYS_fadvise64 SYS_fchmod SYS_fchmodat SYS_fchown SYS_fchownat SYS_chmod
        SYS_chown SYS_utimensat SYS_unlink SYS_unlinkat SYS_rmdir;
    Room: SYS_write SYS_pwrite64 SYS_writev SYS_pwritev SYS_pwritev2 SYS_open SYS_openat SYS_openat2 SYS_creat SYS_fsync
        SYS_fdatasync SYS_syncfs SYS_sync_file_range SYS_ftruncate SYS_truncate SYS_fallocate SYS_rename SYS_renameat
        SYS_renameat2 SYS_link SYS_linkat SYS_symlinkat SYS_mkdir SYS_mkdirat SYS_copy_file_range SYS_sendfile
        SYS_fsetxattr SYS_setxattr;
    Other: SYS_close SYS_fcntl SYS_flock SYS_mmap SYS_mprotect SYS_munmap SYS_brk SYS_madvise SYS_mremap SYS_mincore SYS_rt_sigaction
        SYS_rt_sigprocmask SYS_rt_sigreturn SYS_sigaltstack SYS_ioctl SYS_poll SYS_ppoll SYS_epoll_wait SYS_pipe2
        SYS_socketpair SYS_dup SYS_dup2 SYS_dup3 SYS_clone SYS_clone3 SYS_vfork SYS_fork SYS_execve SYS_exit
        SYS_exit_group SYS_wait4 SYS_waitid SYS_kill SYS_tgkill SYS_uname SYS_getpid SYS_gettid SYS_getppid SYS_getuid
        SYS_geteuid SYS_getgid SYS_getegid SYS_arch_prctl SYS_prctl SYS_futex SYS_set_tid_address SYS_set_robust_list
        SYS_rseq SYS_sched_getaffinity SYS_sched_yield SYS_getrandom SYS_prlimit64 SYS_restart_syscall
        SYS_clock_gettime SYS_clock_nanosleep SYS_nanosleep SYS_sysinfo SYS_umask SYS_getrusage SYS_inotify_init1
        SYS_inotify_add_watch SYS_eventfd2 SYS_pidfd_open SYS_sched_setscheduler SYS_ioprio_set SYS_setpriority;
}

fn entry(number: u64) -> Option<&'static (&'static str, u64, Kind)> {
    CALLS.iter().find(|(_, listed, _)| *listed == number)
}

/// Returns the name of a call; one that is not listed here is told by its number.
pub fn name(number: u64) -> String {
    entry(number).map_or_else(|| format!("call_{number}"), |(name, ..)| (*name).to_owned())
}

/// Returns the number of a call that [`name`] tells.
pub fn number(name: &str) -> Option<u64> {
    let listed = CALLS.iter().find(|(listed, ..)| *listed == name).map(|(_, number, _)| *number);
    listed.or_else(|| name.strip_prefix("call_")?.parse().ok())
}

/// Tells whether a call touches files.
pub fn touches_files(number: u64) -> bool {
    entry(number).is_some_and(|(.., kind)| *kind != Kind::Other)
}

/// Tells whether a call may find the disk full.
pub fn takes_room(number: u64) -> bool {
    entry(number).is_some_and(|(.., kind)| *kind == Kind::Room)
}
