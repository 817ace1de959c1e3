//! The host's router, used with two or more venues. It maps the host's order ids to those of the venues, and back.

use super::symbol::Symbol;

/// The id mapping, which is lost at a restart.
#[derive(Debug, Default)]
pub(crate) struct Router {
    venues: Vec<String>,
    orders: Vec<Routed>,
    given: usize,
    next: Option<String>,
}

#[derive(Debug)]
struct Routed {
    internal: String,
    venue: String,
    external: String,
}

/// The venue of an order.
pub(crate) struct Route {
    pub(crate) venue: String,
    /// Replaces the host's client id at the venue.
    pub(crate) client_id: String,
}

impl Router {
    pub(crate) fn new(venues: &[String]) -> Self {
        Self { venues: venues.to_vec(), ..Self::default() }
    }

    /// Returns the venue of an order, and a new id for it.
    ///
    /// # Errors
    /// The router's message.
    pub(crate) fn route(&mut self, symbol: &Symbol) -> Result<Route, String> {
        let Some(venue) = symbol.venue() else {
            return Err("order symbol must specify exchange".into());
        };
        if !self.venues.iter().any(|known| known == venue) {
            return Err(format!("no execution client registered for exchange {venue}"));
        }
        let id = self.new_id();
        let client_id = format!("TESSER-{id}");
        self.next = Some(id);
        Ok(Route { venue: venue.to_owned(), client_id })
    }

    /// Records the venue's id of the order that was routed last; returns the host's id.
    pub(crate) fn record(&mut self, venue: &str, external: &str) -> String {
        let internal = self.next.take().unwrap_or_else(|| self.new_id());
        let (venue, external) = (venue.to_owned(), external.to_owned());
        self.orders.push(Routed { internal: internal.clone(), venue, external });
        internal
    }

    /// Assigns a new id to an order that a venue lists.
    pub(crate) fn learn(&mut self, venue: &str, external: &str) {
        if self.internal(venue, external).is_none() {
            self.record(venue, external);
        }
    }

    /// The host's id of a venue's order.
    pub(crate) fn internal(&self, venue: &str, external: &str) -> Option<&str> {
        let is_meant = |order: &&Routed| order.venue == venue && order.external == external;
        self.orders.iter().find(is_meant).map(|order| order.internal.as_str())
    }

    /// Venue of an order, and its id there.
    pub(crate) fn external(&self, internal: &str) -> Option<(&str, &str)> {
        let found = self.orders.iter().find(|order| order.internal == internal)?;
        Some((&found.venue, &found.external))
    }

    /// In the real host a UUID without hyphens; here derived from the number.
    fn new_id(&mut self) -> String {
        self.given += 1;
        format!("b1000000000040008000{:012}", self.given)
    }
}
