/*
 * client/doctor/visit.c: see visit.h.
 */
#include "client/doctor/visit.h"

#include "client/doctor/advice.h"
#include "client/doctor/send.h"
#include "protocol/transfer_answer.h"
#include "protocol/transfer_judge.h"

static void note_credentials(const struct visit *visit,
                             const struct doctor_packet *packet,
                             struct doctor_row *row)
{
    const struct agent *agent = visit->agent;

    row->proved = visit->credentials &&
                  (row->answer.status == 407
                       ? agent_has_proxy_credentials(agent)
                       : packet->trusted && agent_has_credentials(agent));
    row->withheld =
        row->proved && row->answer.status == 401 && agent_hint(agent) != NULL;
}

void visit_send(struct visit *visit, struct doctor_row *row,
                enum bits_packet_type type, uint64_t offset, uint64_t cut)
{
    bool has_session =
        type != BITS_PACKET_PING && type != BITS_PACKET_CREATE_SESSION;
    const struct doctor_packet packet = {
        .type = type,
        .url = visit->to_host ? visit->host_url : visit->url,
        .session = has_session ? visit->session : NULL,
        .offset = offset,
        .length = row->length,
        .total = visit->total,
        .cut = cut,
        .trusted = !visit->to_host || visit->host_trusted,
        .credentials = visit->credentials,
    };

    doctor_send(visit->agent, &packet, row);
    note_credentials(visit, &packet, row);
    if (row->result.end == AGENT_STOPPED) {
        visit->stopped = true;
        visit->signal = visit->doctor->stop->signal;
    }
}

bool visit_is_success(const struct doctor_row *row)
{
    return row->who == DOCTOR_SERVER && answer_is_success(&row->answer);
}

static uint32_t hresult_of(const struct doctor_row *row)
{
    if (row->result.end != AGENT_ANSWERED) {
        return judge_silence(row->result.transport);
    }
    return answer_is_success(&row->answer) ? 0 : judge_hresult(&row->answer);
}

static enum client_exit exit_of(const struct doctor_row *row)
{
    const struct bits_failure failure = {
        .temporary = row->result.end != AGENT_ANSWERED,
        .hresult = row->hresult,
        .status = row->answer.status,
    };

    return client_exit_of(&failure);
}

bool visit_tell(struct visit *visit, struct doctor_row *row,
                enum doctor_verdict verdict)
{
    if (visit->stopped) {
        return false;
    }
    row->verdict = verdict;
    if (verdict != DOCTOR_FINE) {
        row->hresult = hresult_of(row);
        doctor_advise(row);
    }
    if (verdict == DOCTOR_FAILED && visit->exit == CLIENT_DONE) {
        visit->exit = exit_of(row);
    }
    visit->doctor->row(visit->doctor->context, row);
    return verdict == DOCTOR_FINE && !visit->stopped;
}

bool visit_tell_success(struct visit *visit, struct doctor_row *row)
{
    return visit_tell(visit, row,
                      visit_is_success(row) ? DOCTOR_FINE : DOCTOR_FAILED);
}
