//! People of the unit, and which of them sits at the station.

use crate::{Act, Failure, Station, Topic, authorise};
use ledger::{PersonRecorded, SettingChanged};
use model::{Actor, ErrorCode, Person, PersonId, is_certificate_no};

/// A person to be added (`id` none) or changed.
#[derive(Clone, Debug, Default)]
pub struct SavePerson {
    pub id: Option<PersonId>,
    pub name: String,
    pub certificate_no: String,
    pub duty: String,
    pub department: String,
    pub active: bool,
}

impl Station {
    /// Adds a person, or changes one. Nobody is ever removed: old papers name them.
    pub fn save_person(&self, actor: &Actor, person: &SavePerson) -> Result<Person, Failure> {
        authorise(self, actor, Act::Administer)?;
        if person.name.trim().is_empty() {
            return Err(Failure::invalid("name"));
        }
        let certificate_no = person.certificate_no.trim();
        if !certificate_no.is_empty() && !is_certificate_no(certificate_no) {
            return Err(Failure::invalid("certificate_no"));
        }
        let id = person.id.clone().unwrap_or_else(|| PersonId::fresh(self.around.ids.as_ref()));
        let recorded = PersonRecorded {
            id: id.to_string(),
            name: person.name.trim().to_owned(),
            certificate_no: certificate_no.to_owned(),
            duty: person.duty.trim().to_owned(),
            department: person.department.trim().to_owned(),
            active: person.active,
        };
        let saved = self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            if person.id.is_some() && view.person(&id)?.is_none() {
                return Err(Failure::not_found(&id));
            }
            let others = view.people()?;
            let taken = others.iter().any(|other| {
                other.active
                    && person.active
                    && other.id != id
                    && !certificate_no.is_empty()
                    && other.certificate_no == certificate_no
            });
            if taken {
                return Err(Failure::invalid("certificate_no"));
            }
            let saved = Person {
                id: id.clone(),
                name: recorded.name.clone(),
                certificate_no: recorded.certificate_no.clone(),
                duty: recorded.duty.clone(),
                department: recorded.department.clone(),
                active: recorded.active,
            };
            Ok((vec![recorded.into()], saved))
        })?;
        self.tell(&[Topic::People]);
        Ok(saved)
    }

    /// Returns who sits at the station, if anybody was chosen.
    pub fn operator(&self) -> Result<Option<Person>, Failure> {
        self.read(|view| match view.setting("operator")?.and_then(|id| PersonId::parse(&id)) {
            Some(id) => Ok(view.person(&id)?.filter(|person| person.active)),
            None => Ok(None),
        })
    }

    /// Chooses who sits at the station. The choice is an event; it is no proof of identity, which comes with
    /// sign-in.
    pub fn choose_operator(&self, id: &PersonId) -> Result<Person, Failure> {
        let person =
            self.read(|view| view.person(id))?.filter(|person| person.active).ok_or_else(|| Failure::not_found(id))?;
        let chosen = SettingChanged { key: "operator".into(), value: id.to_string() };
        let actor = actor_of(&person);
        self.register.write::<_, Failure>(&self.author(&actor, ""), |_| Ok((vec![chosen.into()], ())))?;
        self.tell(&[Topic::People]);
        Ok(person)
    }

    /// Returns the operator as the author of what follows, or the refusal that nobody was chosen.
    pub fn acting_operator(&self) -> Result<Actor, Failure> {
        self.operator()?.as_ref().map(actor_of).ok_or_else(|| Failure::new(ErrorCode::OperatorMissing))
    }

    /// Returns the person with this certificate number or name as an author.
    pub fn actor_named(&self, text: &str) -> Result<Actor, Failure> {
        let people = self.read(|view| view.people())?;
        let found: Vec<&Person> =
            people.iter().filter(|p| p.active && (p.certificate_no == text || p.name == text)).collect();
        match found[..] {
            [person] => Ok(actor_of(person)),
            _ => Err(Failure::not_found(text)),
        }
    }
}

fn actor_of(person: &Person) -> Actor {
    Actor::Person { id: person.id.clone(), name: person.name.clone(), certificate_no: person.certificate_no.clone() }
}
