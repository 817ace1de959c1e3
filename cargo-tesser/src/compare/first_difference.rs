//! Where two runs over the same market diverge. In: the orders of both. Out: the order that differs first, field by field.
//!
//! Both runs see the same trades, and equal orders have equal fills, so the runs are equal up to the first action that differs.

use rust_decimal::Decimal;

use crate::report::{counted, visible};
use crate::simulator::tape::times;
use crate::simulator::{Amendment, Order, RunSummary};

/// The first order in which two runs differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FirstDifference {
    /// Its number, from 1.
    pub(super) order: u64,
    /// Time of the action that differs; of the two runs' actions, the earlier one.
    pub(super) time_ms: i64,
    /// Whether one of the runs has no such order.
    pub(super) is_missing: Option<Missing>,
    /// Its fields, in both runs.
    pub(super) fields: Vec<Field>,
}

/// The run that has no order of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    Old,
    New,
}

/// A field of an order. The text is empty if a run has no such order, or its order no such field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) old: String,
    pub(super) new: String,
}

impl Field {
    pub(super) fn differs(&self) -> bool {
        self.old != self.new
    }
}

/// A placement or an amendment.
struct Action<'a> {
    time_ms: i64,
    order: &'a Order,
    amendment: Option<&'a Amendment>,
}

impl Action<'_> {
    fn is_same(&self, other: &Self) -> bool {
        let placed = |order: &Order| {
            (order.kind, order.time_in_force, order.first_price, order.first_quantity)
        };
        let amended = |amendment: &Amendment| (amendment.price, amendment.quantity);
        self.time_ms == other.time_ms
            && self.order.number == other.order.number
            && self.order.symbol == other.order.symbol
            && self.order.side == other.order.side
            && self.amendment.map(amended) == other.amendment.map(amended)
            && (self.amendment.is_some() || placed(self.order) == placed(other.order))
    }
}

fn actions(orders: &[Order]) -> Vec<Action<'_>> {
    let mut actions = Vec::new();
    for order in orders {
        actions.push(Action { time_ms: order.time_ms, order, amendment: None });
        actions.extend(order.amendments.iter().map(|amendment| Action {
            time_ms: amendment.time_ms,
            order,
            amendment: Some(amendment),
        }));
    }
    actions.sort_by_key(|action| (action.time_ms, action.order.number));
    actions
}

/// The first order that differs, in its placement, its amendments or its outcome.
pub(super) fn first_difference(old: &RunSummary, new: &RunSummary) -> Option<FirstDifference> {
    let (then, now) = (actions(&old.rows), actions(&new.rows));
    let longest = then.len().max(now.len());
    let diverging = (0..longest).find_map(|index| match (then.get(index), now.get(index)) {
        (Some(then), Some(now)) if then.is_same(now) => None,
        (then, now) => then.into_iter().chain(now).min_by_key(|action| action.time_ms),
    });
    let (order, time_ms) = match diverging {
        Some(action) => (action.order.number, action.time_ms),
        None => ended_differently(old, new)?,
    };
    let find = |summary: &RunSummary| -> Option<Order> {
        summary.rows.iter().find(|row| row.number == order).cloned()
    };
    let (old, new) = (find(old), find(new));
    let is_missing = match (&old, &new) {
        (None, _) => Some(Missing::Old),
        (_, None) => Some(Missing::New),
        _ => None,
    };
    Some(FirstDifference { order, time_ms, is_missing, fields: fields(old.as_ref(), new.as_ref()) })
}

/// The first of the orders with equal placements and amendments whose outcome differs.
fn ended_differently(old: &RunSummary, new: &RunSummary) -> Option<(u64, i64)> {
    let end = |order: &Order| (order.filled, order.mean_price, order.state.word(), order.ended_ms);
    let mut pairs = old.rows.iter().zip(&new.rows);
    let (then, now) = pairs.find(|(then, now)| end(then) != end(now))?;
    let ended = then.ended_ms.into_iter().chain(now.ended_ms).min();
    Some((then.number, ended.unwrap_or(then.time_ms)))
}

fn fields(old: Option<&Order>, new: Option<&Order>) -> Vec<Field> {
    let field = |name, of: &dyn Fn(&Order) -> String| Field {
        name,
        old: old.map(of).unwrap_or_default(),
        new: new.map(of).unwrap_or_default(),
    };
    let decimal = |value: Option<Decimal>| {
        value.map_or_else(String::new, |value| value.normalize().to_string())
    };
    let mut fields = vec![
        field("sent", &|order| times::shown(order.time_ms)),
        field("symbol", &|order| visible(&order.symbol)),
        field("side", &|order| order.side.to_string()),
        field("type", &|order| order.kind.to_string()),
        field("time in force", &|order| {
            order.time_in_force.map_or_else(String::new, |word| word.to_string())
        }),
        field("price", &|order| decimal(order.first_price)),
        field("quantity", &|order| decimal(Some(order.first_quantity))),
        field("market price", &|order| decimal(order.market_price)),
        field("amended", &|order| counted(order.amended, "time")),
    ];
    let then = old.map_or(&[][..], |order| &order.amendments);
    let now = new.map_or(&[][..], |order| &order.amendments);
    let shown = |amendment: Option<&Amendment>| {
        amendment.map_or_else(String::new, |amendment| {
            let Amendment { time_ms, price, quantity } = amendment;
            format!("{} at {}, {}", quantity.normalize(), decimal(*price), times::shown(*time_ms))
        })
    };
    let pairs =
        (0..then.len().max(now.len())).map(|index| (shown(then.get(index)), shown(now.get(index))));
    // An order can have thousands of amendments; only the first that differs is shown.
    if let Some((old, new)) = pairs.into_iter().find(|(old, new)| old != new) {
        fields.push(Field { name: "amended to", old, new });
    }
    fields.extend([
        field("filled", &|order| decimal(Some(order.filled))),
        field("mean price", &|order| decimal(order.mean_price)),
        field("state", &|order| order.state.word().to_owned()),
        field("ended", &|order| order.ended_ms.map_or_else(String::new, times::shown)),
    ]);
    fields
}

#[cfg(test)]
mod tests {
    use tesser_wasm::{PluginOrderType, PluginSide};

    use super::*;
    use crate::simulator::order::{AmendRequest, OrderRequest};
    use crate::simulator::symbol::Symbol;

    fn order(number: u64, time_ms: i64, price: i64) -> Order {
        let request = OrderRequest {
            symbol: Symbol::parse("v:S"),
            symbol_text: "v:S".into(),
            side: PluginSide::Buy,
            order_type: PluginOrderType::Limit,
            quantity: Decimal::ONE,
            price: Some(price.into()),
            trigger_price: None,
            time_in_force: None,
            wanted_post_only: false,
            client_order_id: None,
            take_profit: None,
            stop_loss: None,
            display_quantity: None,
        };
        Order::new(number, time_ms, request)
    }

    fn amended(mut order: Order, time_ms: i64, price: i64) -> Order {
        let order_id = order.id();
        let request = AmendRequest {
            order_id,
            symbol: Symbol::parse("v:S"),
            symbol_text: "v:S".into(),
            side: PluginSide::Buy,
            new_price: Some(price.into()),
            new_quantity: None,
        };
        order.amend(&request, time_ms);
        order
    }

    fn difference(old: Vec<Order>, new: Vec<Order>) -> Option<FirstDifference> {
        let run = |rows| {
            let mut run = RunSummary::new(&Symbol::parse("v:S"), PluginSide::Buy, Decimal::ONE);
            run.rows = rows;
            run
        };
        first_difference(&run(old), &run(new))
    }

    fn differing(difference: &FirstDifference) -> Vec<(&str, &str, &str)> {
        let fields = difference.fields.iter().filter(|field| field.differs());
        fields.map(|field| (field.name, field.old.as_str(), field.new.as_str())).collect()
    }

    #[test]
    fn equal_orders_do_not_differ() {
        let orders = || vec![order(1, 1_000, 100), amended(order(2, 2_000, 100), 3_000, 101)];
        assert_eq!(difference(orders(), orders()), None);
        assert_eq!(difference(Vec::new(), Vec::new()), None);
    }

    #[test]
    fn the_earliest_action_counts_and_not_the_lowest_number() {
        // Order 1 is amended later than order 2 is placed.
        let old = vec![amended(order(1, 1_000, 100), 9_000, 101), order(2, 2_000, 100)];
        let new = vec![order(1, 1_000, 100), order(2, 2_000, 99)];
        let found = difference(old, new).unwrap();
        assert_eq!((found.order, found.time_ms), (2, 2_000));
        assert_eq!(differing(&found), [("price", "100", "99")]);
    }

    #[test]
    fn an_amendment_that_only_one_run_has_is_a_difference() {
        let old = vec![order(1, 1_000, 100), order(2, 9_500, 100)];
        let new = vec![amended(order(1, 1_000, 100), 9_000, 101), order(2, 9_500, 100)];
        let found = difference(old, new).unwrap();
        assert_eq!((found.order, found.time_ms), (1, 9_000));
        let fields = [
            ("amended", "0 times", "1 time"),
            ("amended to", "", "1 at 101, 1970-01-01T00:00:09.000Z"),
        ];
        assert_eq!(differing(&found), fields);
    }

    #[test]
    fn an_order_that_only_one_run_has_is_named() {
        let found = difference(vec![order(1, 1_000, 100)], Vec::new()).unwrap();
        assert_eq!((found.order, found.is_missing), (1, Some(Missing::New)));
        let found = difference(Vec::new(), vec![order(1, 1_000, 100)]).unwrap();
        assert_eq!((found.order, found.is_missing), (1, Some(Missing::Old)));
    }

    #[test]
    fn orders_that_were_sent_alike_can_end_differently() {
        let mut old = order(1, 1_000, 100);
        old.add_fill(100.into(), Decimal::ONE, 4_000);
        let found = difference(vec![old], vec![order(1, 1_000, 100)]).unwrap();
        assert_eq!((found.order, found.time_ms), (1, 4_000));
        assert_eq!(differing(&found)[0], ("filled", "1", "0"));
    }
}
