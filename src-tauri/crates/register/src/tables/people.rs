//! People of the unit.

use crate::error::{Doing, RegisterError};
use crate::view::{View, id_at};
use ledger::PersonRecorded;
use model::{Person, PersonId};
use rusqlite::{Connection, OptionalExtension as _, Row};

pub(crate) const DDL: &str = "
CREATE TABLE person (
    id             TEXT PRIMARY KEY,
    name           TEXT NOT NULL,
    certificate_no TEXT NOT NULL,
    duty           TEXT NOT NULL,
    department     TEXT NOT NULL,
    active         INTEGER NOT NULL CHECK (active IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX person_by_certificate ON person (certificate_no) WHERE certificate_no <> '' AND active = 1;
";

pub(crate) fn recorded(db: &Connection, p: &PersonRecorded) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO person VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, certificate_no = excluded.certificate_no,
             duty = excluded.duty, department = excluded.department, active = excluded.active",
        (&p.id, &p.name, &p.certificate_no, &p.duty, &p.department, p.active),
    )
    .map(drop)
}

fn person(row: &Row<'_>) -> rusqlite::Result<Person> {
    Ok(Person {
        id: id_at(row, 0, PersonId::parse)?,
        name: row.get(1)?,
        certificate_no: row.get(2)?,
        duty: row.get(3)?,
        department: row.get(4)?,
        active: row.get(5)?,
    })
}

/// A person as they were called when something was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPerson {
    pub id: PersonId,
    pub name: String,
    /// Empty for staff without one.
    pub certificate_no: String,
}

/// Returns the person whose id, name and certificate number stand in a column and the two behind it.
pub(crate) fn named_person(row: &Row<'_>, column: usize) -> rusqlite::Result<NamedPerson> {
    Ok(NamedPerson {
        id: id_at(row, column, PersonId::parse)?,
        name: row.get(column + 1)?,
        certificate_no: row.get(column + 2)?,
    })
}

impl View<'_> {
    /// Returns everybody, those who left at the end.
    pub fn people(&self) -> Result<Vec<Person>, RegisterError> {
        self.rows("SELECT * FROM person ORDER BY active DESC, id", [], person, "read the people")
    }

    /// Returns one person.
    pub fn person(&self, id: &PersonId) -> Result<Option<Person>, RegisterError> {
        self.db.query_row("SELECT * FROM person WHERE id = ?1", [id.as_str()], person).optional().doing("read a person")
    }
}
