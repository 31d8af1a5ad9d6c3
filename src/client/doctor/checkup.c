/*
 * client/doctor/checkup.c: see checkup.h.
 */
#include "client/doctor/checkup.h"

#include "client/doctor/advice.h"
#include "client/doctor/send.h"
#include "protocol/transfer_answer.h"
#include "protocol/transfer_judge.h"

static void note_credentials(const struct checkup *checkup,
                             const struct doctor_packet *packet,
                             struct doctor_row *row)
{
    const struct agent *agent = checkup->agent;

    row->proved = checkup->credentials &&
                  (row->answer.status == 407
                       ? agent_has_proxy_credentials(agent)
                       : packet->trusted && agent_has_credentials(agent));
    row->withheld =
        row->proved && row->answer.status == 401 && agent_hint(agent) != NULL;
}

void checkup_send(struct checkup *checkup, struct doctor_row *row,
                  enum bits_packet_type type, uint64_t offset, uint64_t cut)
{
    bool has_session =
        type != BITS_PACKET_PING && type != BITS_PACKET_CREATE_SESSION;
    const struct doctor_packet packet = {
        .type = type,
        .url = checkup->to_host ? checkup->host_url : checkup->url,
        .session = has_session ? checkup->session : NULL,
        .offset = offset,
        .length = row->length,
        .total = checkup->total,
        .cut = cut,
        .trusted = !checkup->to_host || checkup->host_trusted,
        .credentials = checkup->credentials,
    };

    doctor_send(checkup->agent, &packet, row);
    note_credentials(checkup, &packet, row);
    if (row->result.end == AGENT_STOPPED) {
        checkup->stopped = true;
        checkup->signal = checkup->doctor->stop->signal;
    }
}

bool checkup_is_success(const struct doctor_row *row)
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

bool checkup_tell(struct checkup *checkup, struct doctor_row *row,
                  enum doctor_verdict verdict)
{
    if (checkup->stopped) {
        return false;
    }
    row->verdict = verdict;
    if (verdict != DOCTOR_FINE) {
        row->hresult = hresult_of(row);
        doctor_advise(row);
    }
    if (verdict == DOCTOR_FAILED && checkup->exit == CLIENT_DONE) {
        checkup->exit = exit_of(row);
    }
    checkup->doctor->row(checkup->doctor->context, row);
    return verdict == DOCTOR_FINE && !checkup->stopped;
}

bool checkup_tell_success(struct checkup *checkup, struct doctor_row *row)
{
    return checkup_tell(checkup, row,
                        checkup_is_success(row) ? DOCTOR_FINE : DOCTOR_FAILED);
}
