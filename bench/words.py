"""What the other contenders say, in the words of our flows."""

BACK, CANCEL, SEND = "⬅️ Назад", "✖️ Отмена", "📨 Отправить"
MENU = "<b>Главное меню</b>\nЧем помочь?"
DESCRIBE = "<b>Новая заявка</b>\nПришлите фото с подписью или опишите словами, что случилось."
PLACE = "<b>Где это?</b>\nНапишите словами: корпус, этаж, кабинет."
CATEGORY = "<b>К чему это относится?</b>"
PRIORITY = "<b>Насколько это срочно?</b>\nСрочно — опасно или мешает работать прямо сейчас."
CONFIRM = "<b>Проверьте заявку</b>\n\n{description}\n\n📍 {place}\n🏷 {category}\n{priority}"
CARD = "<b>№{number}</b> · 🆕 открыта\n{description}\n\n📍 {place}\n🏷 {category}\n{priority}"

CATEGORIES = (
    ("electricity", "⚡ Электрика"),
    ("plumbing", "🚰 Сантехника"),
    ("furniture", "🪑 Мебель"),
    ("heating", "🌡 Отопление"),
    ("windows", "🚪 Окна и двери"),
    ("it", "💻 Компьютеры и связь"),
    ("cleaning", "🧹 Уборка"),
    ("other", "📦 Другое"),
)
EDITS = (
    ("describe", "✏️ Описание и файлы"),
    ("place", "📍 Место"),
    ("category", "🏷 Категория"),
    ("priority", "⚡ Срочность"),
)
ACTIONS = (("withdraw", "✖️ Отменить заявку"), ("comment", "💬 Комментарий"), ("back", "⬅️ Назад"), ("menu", "🏠 Меню"))
PRIORITIES = (("high", "🔴 Срочно"), ("medium", "🟡 Обычная"), ("low", "🟢 Подождёт"))
