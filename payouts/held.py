"""Which lines are held, for SQL: `{UNHELD}` is true of a `payouts_line AS line` that no standing hold keeps back.

A hold is of the line itself, its placement, its contract or its provider.
"""

UNHELD = """(
    NOT EXISTS (
        SELECT FROM payouts_hold AS hold WHERE hold.released_at IS NULL AND hold.placement_id = line.placement_id
            AND hold.step_id = line.step_id AND hold.occurrence = line.occurrence AND hold.run_id = line.run_id
    ) AND NOT EXISTS (
        SELECT FROM payouts_hold AS hold
        WHERE hold.released_at IS NULL AND hold.run_id IS NULL AND hold.placement_id = line.placement_id
    ) AND NOT EXISTS (
        SELECT FROM payouts_hold AS hold WHERE hold.released_at IS NULL AND hold.contract_id = line.contract_id
    ) AND NOT EXISTS (
        SELECT FROM payouts_hold AS hold JOIN contracts_contract AS held ON held.provider_id = hold.provider_id
        WHERE hold.released_at IS NULL AND held.id = line.contract_id
    ))"""
