-- A tutoring school with four accounts on WeChat, and what each may do:
--   service          greets, answers; may write four times a month to somebody who did not write first
--   subscription     articles; once a day to everybody
--   mini_program     the timetable; may write for a minute after somebody entered it, and 48 hours after a message
--   personal         a teacher's own account: no window, few friends, the most personal

pack { name = "account-matrix", version = "1.0.0", timezone = "Asia/Shanghai" }

account "wechat_oa/school"    { kind = "service" }
account "wechat_oa/reading"   { kind = "subscription" }
account "wechat_oa/timetable" { kind = "mini_program" }
account "wechat_personal/teacher_wu" {}
