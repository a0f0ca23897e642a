from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('base', '0002_facts_come_and_go'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='outboxrow',
            options={
                'permissions': [('view_operations', 'Can see how the house is doing')],
                'verbose_name': 'fact waiting to be announced',
                'verbose_name_plural': 'facts waiting to be announced',
            },
        ),
    ]
