print("sample-events")
