//! Test doubles for tests of the host and its clock: a plugin in a few lines of Rust, and an observer that records text.

use std::rc::Rc;

use super::guest::{Argument, Export, Failure, Instance, Program};
use super::step::{Line, Observer, Step};

/// The result of a call.
type Answers = dyn Fn(Export, &str) -> Result<String, Failure>;

/// A plugin that keeps no state of its own.
#[derive(Clone)]
pub(crate) struct Fake(Rc<Answers>);

impl Fake {
    /// A program with these results. Calls without text get an empty one.
    pub(crate) fn program(
        answers: impl Fn(Export, &str) -> Result<String, Failure> + 'static,
    ) -> Rc<dyn Program> {
        Rc::new(Self(Rc::new(answers)))
    }

    /// One that places the same order at each timer.
    pub(crate) fn placing(order: &str) -> Rc<dyn Program> {
        let answer = place(order);
        Self::program(move |export, _| match export {
            Export::OnTimer => Ok(answer.clone()),
            Export::Snapshot => Ok("null".into()),
            _ => Ok("{}".into()),
        })
    }
}

/// An answer with one order: `buy 1 v:S at 10`, or without a price at the market.
pub(crate) fn place(order: &str) -> String {
    let words: Vec<_> = order.split(' ').collect();
    let (side, quantity, symbol) = (words[0], words[1], words[2]);
    let price = words.get(4).map_or("null".into(), |price| format!("\"{price}\""));
    let kind = if words.len() > 3 { "limit" } else { "market" };
    format!(
        r#"{{"orders":[{{"action":{{"Place":{{"symbol":"{symbol}","side":"{side}","order_type":"{kind}","quantity":"{quantity}","price":{price}}}}}}}]}}"#
    )
}

impl Program for Fake {
    fn instantiate(&self) -> Result<Box<dyn Instance>, String> {
        Ok(Box::new(self.clone()))
    }
}

impl Instance for Fake {
    fn call(
        &mut self,
        export: Export,
        argument: Argument<'_>,
        answer: &mut String,
    ) -> Result<(), Failure> {
        *answer = (self.0)(export, argument.text())?;
        Ok(())
    }
}

/// A record of what happened.
#[derive(Debug, Default)]
pub(crate) struct Seen(pub(crate) Vec<String>);

impl Seen {
    /// How many of the records equal a text.
    pub(crate) fn count(&self, word: &str) -> usize {
        self.0.iter().filter(|seen| *seen == word).count()
    }

    /// All records that start with a text.
    pub(crate) fn of(&self, start: &str) -> Vec<&str> {
        self.0.iter().filter(|seen| seen.starts_with(start)).map(String::as_str).collect()
    }
}

impl Observer for Seen {
    fn step(&mut self, step: &Step<'_>) {
        self.0.push(match step {
            Step::Call(call) => call.export.name().to_owned(),
            Step::Place { outcome: Ok(id), .. } => format!("placed {id}"),
            Step::Line(Line::NotSent { error, .. }) => format!("not sent: {error}"),
            Step::Line(Line::Adopted { order_id, .. }) => format!("adopted {order_id}"),
            Step::Line(Line::ZeroQuantity { .. }) => "not loaded".into(),
            Step::Fails(fault) => format!("fails: {fault}"),
            Step::HostHangs { .. } => "hangs".into(),
            Step::Stale { order_id, status } => format!("stale {order_id} {status:?}"),
            _ => return,
        });
    }
}
