use super::wire_type;

wire_type! {
    pub struct PersonView {
        pub id: String,
        pub name: String,
        /// 执法证号
        pub certificate_no: String,
        /// 职务
        pub duty: String,
        /// 科室
        pub department: String,
        pub active: bool,
    }

    /// A new person (`id` empty) or a change.
    pub struct SavePerson {
        pub id: Option<String>,
        pub name: String,
        pub certificate_no: String,
        pub duty: String,
        pub department: String,
        pub active: bool,
    }

    pub struct PersonRef { pub person: String }
}
