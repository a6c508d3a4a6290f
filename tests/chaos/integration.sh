# The run of the chaos harness: says that it was started, meets nobody of its tenant, leaves a process behind at times,
# and counts its successes in its state. $LEDGER is put in by the harness.
exec 9>>"$LEDGER/tenant-$PAN_CTX_TENANT_ID"
flock -n 9 || echo "$PAN_CTX_RUN_ID met another run of its tenant" >> "$LEDGER/problems"
echo "$PAN_CTX_RUN_ID $$" >> "$LEDGER/started"
if [ $((PAN_CTX_RUN_ID % 2)) = 0 ]; then setsid sleep 300 > /dev/null 2>&1 9>&- & fi
for line in 1 2 3; do echo "line $line" >&2; done
echo $((${PAN_CTX_LAST_SUCCESSFUL_RUN_STD_OUT:-0} + 1))
