"""URLs of My learning and of the training record."""

from django.urls import path

from record import views
from record.training_record import views as training_record

app_name = "record"
urlpatterns = [
    path("my/", views.my_learning, name="my_learning"),
    path("my/record/", training_record.mine, name="training_record"),
    path("my/record.pdf", training_record.as_pdf, name="training_record_pdf"),
    path("my/record.json", training_record.as_json, name="training_record_json"),
    path("my/record/share/", training_record.share, name="share_record"),
    path("my/record/share/<int:pk>/end/", training_record.end, name="end_share"),
    path("agency/staff/<int:pk>/", views.colleague, name="colleague"),
    path("record/<str:token>/", training_record.shared, name="shared_record"),
]
