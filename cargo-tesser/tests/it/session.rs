//! What a live session does to a plugin, fact by fact, and the recordings of the real host that show each.
//!
//! A recording agrees only if the simulator does the same, step by step. Facts about the clock of a session (phase of the
//! timers, bursts, candles, polls, time without a host) and about crashes are in `src/simulator/session/tests.rs`.

use crate::conformance::verdicts;

/// Fails unless there are recordings of these names, and all agree.
#[track_caller]
fn shown_by(cases: &[&str]) {
    for case in cases {
        let found = verdicts().iter().find(|verdict| verdict.name == *case);
        let verdict = found.unwrap_or_else(|| panic!("there is no recording `{case}`"));
        assert_eq!(verdict.difference, None, "{case}");
    }
}

/// A test for each fact.
macro_rules! facts {
    ($($fact:ident: [$($case:literal),+ $(,)?];)*) => {
        $(#[test]
        fn $fact() {
            shown_by(&[$($case),+]);
        })*

        /// Every recording shows a fact.
        #[test]
        fn no_recording_is_without_a_fact() {
            let named = [$($($case),+),*];
            let forgotten: Vec<_> =
                verdicts().iter().filter(|verdict| !named.contains(&verdict.name.as_str())).collect();
            assert!(forgotten.is_empty(), "{forgotten:?}");
        }
    };
}

// From the signal to `init`.
facts! {
    a_signal_without_a_quantity_has_the_sessions: ["signal-quantity-none"];
    a_signal_over_zero_is_not_loaded: ["signal-quantity-zero"];
    a_quantity_is_not_rounded: ["signal-quantity-digits"];
    a_kind_has_its_side_and_flatten_sells: [
        "signal-enter-long", "signal-enter-short", "signal-exit-short", "signal-flatten",
    ];
    the_context_has_what_the_strategy_said: [
        "signal-metadata", "signal-note-and-group", "signal-params-key-order",
    ];
    the_context_has_what_the_host_knows_of_the_account: ["signal-risk-perp", "signal-price-zero"];
    a_plugin_that_is_not_there_fails_the_signal: ["signal-plugin-missing"];
    what_is_wrong_in_init_leaves_nothing: [
        "init-error", "init-snapshot-not-json", "init-snapshot-traps", "answer-not-json-in-init",
    ];
    orders_of_init_stop_at_the_first_refusal_and_the_algorithm_stays: [
        "init-first-order-refused", "init-second-order-refused", "init-last-order-refused",
    ];
    the_state_is_stored_right_after_init: ["restart-before-anything", "restart-after-a-refused-init"];

    // Calls.
    all_algorithms_get_their_timer_before_any_order_is_sent: ["two-all-timers-first", "two-different-plugins"];
    missed_timers_come_at_once_with_their_own_orders: ["timers-burst"];
    a_fill_reaches_the_algorithm_that_its_order_is_mapped_to: [
        "fill-of-nobody", "refused-order-filled", "two-one-completes",
    ];
    a_fill_has_its_digits_and_its_fee_as_the_venue_said: ["fill-digits", "fill-fees"];
    executions_are_told_again_at_a_reconnect: ["reconnect-repeats"];
    a_snapshot_follows_every_callback_and_has_to_be_json: [
        "state-1e999", "state-empty", "state-lone-surrogate", "state-nan", "state-number", "state-white-space",
    ];
    a_state_may_be_127_deep_in_the_session_and_125_for_the_next_start: [
        "state-depth-125", "state-depth-126", "state-depth-126-with-another", "state-depth-127", "state-depth-128",
        "probe-deep-state",
    ];
    an_error_in_a_fill_or_a_timer_cancels_the_algorithm_and_leaves_its_orders: [
        "fill-error", "fill-trap", "fill-snapshot-not-json", "fill-snapshot-traps", "timer-trap", "timer-snapshot-not-json",
        "timer-snapshot-traps", "answer-string-in-timer", "two-one-errs",
    ];
    an_error_in_a_tick_is_logged_only: ["tick-error", "tick-snapshot-not-json", "tick-snapshot-traps", "tick-trap"];
    an_answer_is_read_with_defaults_and_as_an_array: [
        "answer-not-objects", "answer-actions", "answer-amend-fields", "answer-completed-and-malformed-later",
        "answer-deep-unknown-field", "answer-one-megabyte", "answer-order-words",
    ];
    a_malformed_order_takes_the_others_of_its_answer_with_it: ["answer-one-of-several-orders-malformed"];
    decimals_are_taken_as_numbers_and_as_text: ["answer-decimals-as-numbers", "answer-decimals-as-text"];

    // Orders.
    an_order_needs_a_context_under_exactly_its_symbol: [
        "symbols-qualified-in-timer", "symbols-unqualified-in-timer", "symbols-foreign-code",
        "symbols-foreign-venue-in-timer", "template-pegged-qualified", "template-pov-qualified",
        "template-sniper-qualified", "template-trailing-stop-qualified", "template-twap-qualified",
        "template-vwap-qualified", "chase-unqualified",
    ];
    a_bare_symbol_from_init_passes_and_leaves_a_frozen_context: [
        "symbols-unqualified-in-init", "symbols-context-is-frozen", "symbols-foreign-venue-in-init",
        "symbols-malformed-in-init", "stale-unqualified",
    ];
    a_session_without_a_venue_takes_bare_symbols: [
        "symbols-all-unqualified", "template-chase-unqualified", "template-iceberg-unqualified",
        "template-pegged-unqualified", "template-pov-unqualified", "template-vwap-unqualified",
    ];
    with_two_venues_the_router_refuses_an_unknown_one: ["venues-two-unknown-venue-in-init"];
    limits_of_order_position_and_notional_refuse: [
        "risk-max-order", "risk-max-position", "risk-notional", "risk-negative-quantity",
    ];
    balances_are_checked_by_the_kind_of_the_instrument: [
        "risk-spot-balance", "risk-perp-margin", "risk-inverse-margin",
    ];
    numbers_beyond_96_bits_end_the_task_of_all_algorithms: [
        "risk-overflow-of-the-notional", "risk-overflow-of-the-position", "risk-overflow-behind-the-limit",
    ];
    orders_are_sent_as_the_plugin_wants_them_with_the_fields_that_a_venue_has: [
        "order-every-field", "order-odd-values", "order-other-side", "order-more-than-the-target",
        "order-many-in-one-answer", "bybit-order-every-field", "bybit-order-time-in-force",
    ];
    a_refused_order_stops_no_other_and_is_not_told: [
        "refused-all-persisted", "refused-first-in-fill", "refused-last-in-tick", "bybit-order-refused",
        "update-rejected-later",
    ];
    client_ids_are_the_hosts_unless_the_plugin_sets_one: ["order-client-ids", "bybit-order-client-ids"];
    bybit_wants_a_price_or_a_quantity_of_an_amendment_and_binance_both: [
        "amend-bybit", "amend-binance", "amend-plain",
    ];
    an_amendment_is_checked_by_nobody_and_persists: [
        "amend-persists", "amend-refused", "amend-unknown-order", "amend-filled-order", "symbols-amend-needs-no-context",
    ];
    with_two_venues_an_amendment_needs_the_id_that_a_fill_has_told: ["venues-two-amend"];
    an_order_without_a_fill_for_a_minute_is_cancelled_and_the_plugin_is_not_told: [
        "stale-cancelled", "stale-own-client-id", "stale-nothing-persisted", "stale-filled-unseen", "venues-two-stale",
        "probe-stale",
    ];
    any_fill_ends_the_clock_of_an_order: ["stale-any-fill-ends-the-clock"];
    an_amendment_restarts_the_clock: ["stale-amend-restarts-the-clock", "stale-amend-after-a-fill"];
    a_restart_restarts_the_clock: ["stale-restart-of-a-partly-filled-order"];

    // The end of an algorithm.
    completed_in_a_fill_or_a_tick_it_is_over_and_its_orders_stay: [
        "completed-in-fill-with-orders", "completed-in-tick", "completed-in-tick-with-orders",
    ];
    completed_in_init_it_lives_until_the_next_timer: [
        "init-completed", "init-completed-then-tick", "init-completed-with-order", "completed-in-init-restart",
    ];
    completed_in_a_timer_with_orders_it_lives_until_the_next_and_a_fill_revives_it: [
        "completed-in-timer", "completed-in-timer-with-orders", "completed-in-timer-with-orders-then-timer",
        "completed-in-timer-with-refused-order",
    ];
    cancel_all_drops_algorithms_without_a_call: ["cancel-all"];

    // Restart.
    a_restart_calls_init_and_throws_its_answer_away_and_then_restore: [
        "swap-init-orders-at-restart", "swap-init-error-at-restart", "swap-init-trap-at-restart", "restart-null-state",
        "restart-twice",
    ];
    the_state_comes_back_as_the_host_writes_it: ["state-big-integers", "state-floats", "state-unicode"];
    states_are_stored_after_fills_and_after_what_ordered: [
        "restart-after-a-fill", "restart-after-ticks", "restart-after-idle-timers", "state-changes-with-nothing",
    ];
    a_restore_that_traps_or_a_file_that_is_gone_deletes_the_state: ["restart-refused", "restart-plugin-file-gone"];
    the_newest_file_is_loaded_at_a_signal_and_at_a_restart: [
        "swap-between-signals", "swap-over-a-restart", "swap-same-time",
    ];
    open_orders_are_adopted_by_their_client_id: [
        "restart-client-ids-go-on", "restart-own-client-id-like-the-hosts", "restart-own-client-id-then-amend",
        "bybit-restart",
    ];
    with_two_venues_nothing_is_adopted: ["venues-two-restart"];
    a_fill_while_down_is_told_only_of_an_order_that_is_still_open: [
        "restart-filled-while-down", "restart-partly-filled-while-down",
    ];
    a_qualified_chase_trades_to_its_end_also_over_a_restart: ["chase-qualified", "chase-qualified-restart"];
}
