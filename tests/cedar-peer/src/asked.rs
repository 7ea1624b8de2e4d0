//! Cedar with the policies of one notice.

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request, Schema, ValidationMode, Validator,
};
use occto::items::{Code as _, Item};
use occto::notice::{Basis, Notice, Party, Question, cedar::CedarQuestion};
use std::collections::HashMap;

pub struct Cedar {
    pub text: String,
    pub schema: Schema,
    pub policies: PolicySet,
    pub entities: Entities,
    /// The groups each item is in.
    pub groups: Vec<(Item, Vec<String>)>,
    authorizer: Authorizer,
    bases: HashMap<String, Basis>,
    uids: std::cell::RefCell<HashMap<String, EntityUid>>,
}

impl Cedar {
    /// The policies of a notice, valid by the strict rules of its schema; `parties` take part besides those it knows.
    pub fn new(notice: &Notice, parties: &[Party]) -> Cedar {
        let written = notice.to_cedar();
        let schema: Schema = written.schema.parse().expect("the schema is one");
        let policies: PolicySet = written.policies.parse().expect("the policies are such");
        let validated = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        let errors: Vec<_> = validated.validation_errors().map(ToString::to_string).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", notice.key());

        let mut entities = written.entities.clone();
        let list = entities.as_array_mut().expect("a list");
        let groups = Item::ALL.iter().map(|item| {
            let entity = list.iter().find(|one| one["uid"]["type"] == "Item" && one["uid"]["id"] == item.key());
            let parents = entity.expect("every item")["parents"].as_array().expect("a list").clone();
            (*item, parents.iter().map(|one| one["id"].as_str().expect("a name").to_owned()).collect())
        });
        let groups = groups.collect();
        for party in parties {
            let question = Question::new(*party, *party, occto::notice::Purpose::OwnUse, Default::default());
            let [entity, _] = CedarQuestion::new(&question, Item::Name).parties;
            if !list.iter().any(|one| one["uid"] == entity["uid"]) {
                list.push(entity);
            }
        }
        let entities =
            Entities::from_json_value(entities, Some(&schema)).expect("the entities are those of the schema");
        let bases = policies.policies().filter_map(|policy| {
            let basis = Basis::from_key(policy.annotation("basis")?).expect("a basis");
            Some((policy.id().to_string(), basis))
        });
        let bases = bases.collect();
        let (authorizer, uids) = (Authorizer::new(), Default::default());
        Cedar { text: written.policies, schema, policies, entities, groups, authorizer, bases, uids }
    }

    fn uid(&self, text: &str) -> EntityUid {
        let mut uids = self.uids.borrow_mut();
        uids.entry(text.to_owned()).or_insert_with(|| text.parse().expect("a name of an entity")).clone()
    }

    /// The context of a question, for every item of it.
    pub fn context(&self, question: &Question<'_>) -> Context {
        let put = CedarQuestion::new(question, Item::Name);
        let action = self.uid(&put.action);
        Context::from_json_value(put.context, Some((&self.schema, &action))).expect("a context of the schema")
    }

    /// The request about one item.
    pub fn request(&self, question: &Question<'_>, item: Item, context: Context) -> Request {
        let principal = self.uid(&format!("Party::\"{}\"", question.sender));
        let action = self.uid(&format!("Action::\"{}\"", question.purpose.key()));
        let resource = self.uid(&format!("Item::\"{}\"", item.key()));
        Request::new(principal, action, resource, context, None).expect("a request")
    }

    /// On which basis the item goes, if it does: the first of those whose policies permit it.
    pub fn decide(&self, request: &Request) -> Option<Basis> {
        let response = self.authorizer.is_authorized(request, &self.policies, &self.entities);
        assert_eq!(response.diagnostics().errors().count(), 0, "policies are evaluated without an error");
        let mut bases = response.diagnostics().reason().filter_map(|id| self.bases.get(&id.to_string()));
        match response.decision() {
            Decision::Allow => Some(*bases.by_ref().min().expect("a permit has a basis")),
            Decision::Deny => None,
        }
    }

    /// The decision alone, as it is timed.
    pub fn allows(&self, request: &Request) -> bool {
        self.authorizer.is_authorized(request, &self.policies, &self.entities).decision() == Decision::Allow
    }
}
