//! The operating system's account, as the author of what is done where nobody was chosen.

use model::Actor;

/// Returns the operating system's account that runs this process. No proof of identity, and the ledger says so.
pub fn account() -> Actor {
    let uid = rustix::process::getuid().as_raw();
    // An account that a directory service keeps stands in no file here; its number names it as well.
    let named = std::fs::read_to_string("/etc/passwd").ok().and_then(|text| account_name(&text, uid));
    Actor::Account { name: named.unwrap_or_else(|| format!("uid {uid}")) }
}

fn account_name(passwd: &str, uid: u32) -> Option<String> {
    let mut lines = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let line = lines.find(|parts| parts.get(2).is_some_and(|text| text.parse() == Ok(uid)))?;
    Some(line[0].to_owned()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::account_name;

    #[test]
    fn an_account_is_named_by_its_number() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nlina:x:1000:1000::/srv:/bin/sh\n:x:7:7::/:\nbroken\n";
        for (uid, name) in [(0, Some("root")), (1000, Some("lina")), (7, None), (42, None)] {
            assert_eq!(account_name(passwd, uid).as_deref(), name, "the name of account {uid}");
        }
    }
}
