"""Whether a line says no more than that there is none: "None.", "No open questions.", "Keine offenen Fragen."."""

from __future__ import annotations

import re

_ALONE = (
    "none nothing nobody n/a keine keiner keines nichts niemand aucun aucune rien personne ninguno ninguna nada nadie nessuno "
    "nessuna niente nenhum nenhuma ninguém geen niets brak nic ingen inga inget intet нет ничего никто немає нічого žádné "
    "žádný žádná yok nincs semmi niciuna nimic няма không 无 無 没有 沒有 暂无 なし 特になし 없음 هیچ"
)
_NO = "no keine aucun aucune ninguna nessun nessuna nenhuma geen brak inga ingen нет žádné no_hay não_há non_ci_sono nie_ma"
_OPEN = (
    "open new further unanswered explicit specific action other offenen weiteren offene neue ouverte ouvertes abiertas aperte "
    "abertas öppna åbne åpne otevřené открытых otwartych"
)
_THINGS = (
    "question questions decision decisions task tasks action actions item items to-dos todos or and fragen frage aufgaben "
    "aufgabe entscheidungen entscheidung beschlüsse tâche tâches décision décisions preguntas decisiones tareas domande "
    "decisioni compiti perguntas decisões tarefas vragen besluiten taken pytań decyzji zadań frågor beslut uppgifter "
    "spørgsmål вопросов решений задач otázky rozhodnutí úkoly"
)
_DONE = (
    "made taken found given assigned mentioned stated asked left open remaining unanswered noted identified recorded decided "
    "gefunden genannt erwähnt getroffen vergeben vorhanden of_note"
)
_WERE = r"(?: (?:is|are|was|were|has been|have been))?"
_WHERE = r"(?: (?:yet|here|so far|in (?:the|these|this) (?:messages?|notes?|chat|thread|conversation)))?"
_EAST = "(?:没有|沒有|无|無|暂无)[\u4e00-\u9fff]{0,8}|[\u4e00-\u9fff]{2,8}[はが]?(?:なし|ありません|ない)"
_THINGS_OF_EAST = "问题|問題|决定|決定|任务|任務|事项|事項|待办|質問|タスク"


def _any(words: str) -> str:
    return f"(?:{'|'.join(re.escape(word.replace('_', ' ')) for word in words.split())})"


_NONE = re.compile(
    rf"{_any(_ALONE)}{_WERE}(?: {_any(_DONE)})?{_WHERE}"
    rf"|(?:there (?:is|are|was|were) |es gibt |il n'y a )?{_any(_NO)}(?: {_any(_OPEN)})*(?: {_any(_THINGS)})+(?: {_any(_OPEN)})?"
    rf"{_WERE}(?: {_any(_DONE)})?{_WHERE}|(?=.*(?:{_THINGS_OF_EAST}))(?:{_EAST})",
    re.IGNORECASE,
)


def says_none(line: str) -> bool:
    """Of a line that is no more than that; "No deploys on Friday" is a decision."""
    return _NONE.fullmatch(line.strip(" .!。()*-–—")) is not None
