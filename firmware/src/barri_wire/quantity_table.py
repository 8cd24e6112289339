# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The rows of `quantities`, as one text: a board loads it only while it looks something up.

id name UCUM decimals low high merge usual first next_16. Ids are never reused and never change
their meaning; neither do the last three columns, with which a frame begins to guess.
"""

TABLE = (
    "\n"
    # 20 degC, give or take 5; next minute 0.04.
    "1 temperature Cel 2 -5000 8500 mean 2000 500 64\n"
    "2 humidity % 1 0 1000 mean 500 150 48\n"  # half; next minute 0.3 %
    "3 pressure hPa 1 3000 11000 mean 10130 100 16\n"  # pressure at sea level; 0.1 hPa
    "4 light lx 0 0 121557 mean 0 100 128\n"  # often night, but days reach 100,000
    "5 battery % 0 0 100 mean 100 10 3\n"  # full; a step every few records
    "6 pm1 ug/m3 1 0 10000 mean 50 60 96\n"  # dust: a few ug/m3, moving by half of one
    "7 pm2_5 ug/m3 1 0 10000 mean 80 80 96\n"
    "8 pm10 ug/m3 1 0 10000 mean 120 120 128\n"
    "9 pm4 ug/m3 1 0 10000 mean 100 100 112\n"
    # Carbon dioxide in a room; 5 ppm from minute to minute.
    "10 co2 [ppm] 0 0 40000 mean 600 300 80\n"
    # A metal oxide's resistance; half a per cent.
    "11 gas_resistance Ohm 0 100 100000000 mean 100000 100000 8192\n"
    "12 voc_index 1 0 1 500 mean 100 30 32\n"  # gas indices: 100 and 1 are their own averages
    "13 nox_index 1 0 1 500 mean 1 2 8\n"
    # Sound levels of a street; 1.6 dB from minute to minute.
    "16 laeq dB[SPL] 1 0 1400 energy_mean 550 80 256\n"
    # Maxima jump most, minima and high percentiles least.
    "17 lafmax dB[SPL] 1 0 1400 maximum 650 100 512\n"
    "18 lafmin dB[SPL] 1 0 1400 minimum 450 80 192\n"
    "19 la10 dB[SPL] 1 0 1400 never 570 80 256\n"
    "20 la50 dB[SPL] 1 0 1400 never 520 80 192\n"
    "21 la90 dB[SPL] 1 0 1400 never 480 80 128\n"
    "22 measured_share % 1 0 1000 mean 1000 3 3\n"  # all of the window
    "23 lceq dB[SPL] 1 0 1400 energy_mean 620 80 256\n"
    # 1: under the microphone's range, 2: over it, 3: both; of several windows the worse.
    "24 sound_range 1 0 0 3 maximum 0 1 1\n"
    # A histogram of LAF travels as records of sixteen neighbouring classes of 0.5 dB.
    # Histograms: classes follow each other, counts go up and down.
    "26 laf_class 1 0 0 279 never 100 20 256\n"
    "27 laf_count 1 0 0 2147483647 never 0 400 4096\n"
    # Counters: any reading; a window adds 4 Wh.
    "32 energy_import W.h 0 0 2147483647 counter 0 1000000 64\n"
    "33 energy_export W.h 0 0 2147483647 counter 0 1000000 32\n"
    "34 power_import W 0 0 100000 mean 250 250 256\n"  # power of a household in W
    "35 power_export W 0 0 100000 mean 0 50 96\n"
    "36 voltage V 1 0 5000 mean 2300 30 64\n"  # mains voltage
    "37 current A 3 0 100000 mean 1000 1000 1024\n"
    "38 power_factor 1 3 -1000 1000 mean 900 100 128\n"
    "39 frequency Hz 2 4000 7000 mean 5000 5 16\n"  # mains frequency
    # Octave bands of a record, by their nominal middle frequencies in Hz.
    # Octave bands fall towards high frequencies.
    "48 leq_63 dB[SPL] 1 0 1400 energy_mean 580 80 256\n"
    "49 leq_125 dB[SPL] 1 0 1400 energy_mean 560 80 256\n"
    "50 leq_250 dB[SPL] 1 0 1400 energy_mean 540 80 256\n"
    "51 leq_500 dB[SPL] 1 0 1400 energy_mean 520 80 256\n"
    "52 leq_1000 dB[SPL] 1 0 1400 energy_mean 510 80 256\n"
    "53 leq_2000 dB[SPL] 1 0 1400 energy_mean 480 80 256\n"
    "54 leq_4000 dB[SPL] 1 0 1400 energy_mean 430 80 256\n"
    "55 leq_8000 dB[SPL] 1 0 1400 energy_mean 370 80 256\n"
    # Electrodes of an electrochemical cell as they are; the gateway makes gas of them.
    # Electrodes: an offset of the amplifier, moving by 0.1 mV.
    "64 no2_working mV 2 -100000 650000 mean 22500 2000 128\n"
    "65 no2_auxiliary mV 2 -100000 650000 mean 22500 2000 128\n"
    "66 o3_working mV 2 -100000 650000 mean 22500 2000 128\n"
    "67 o3_auxiliary mV 2 -100000 650000 mean 22500 2000 128\n"
    # How the node itself is doing.
    "72 supply_voltage V 3 0 40000 mean 3900 300 48\n"  # one lithium cell
    "73 supply_current mA 1 -200000 200000 mean 500 500 256\n"
    "80 reset_cause 1 0 0 15 maximum 0 4 8\n"
    "81 heap_free kBy 1 0 167772 minimum 600 300 160\n"
    "82 store_fill % 1 0 1000 maximum 100 200 16\n"
    "83 records_lost 1 0 0 2147483647 counter 0 16 2\n"  # counters of trouble: hardly ever move
    "84 link_failures 1 0 0 2147483647 counter 0 16 8\n"
    "85 rssi dB[mW] 0 -150 0 minimum -65 10 48\n"
    "86 sensor_faults 1 0 0 2147483647 counter 0 16 2\n"
    "87 records_void 1 0 0 2147483647 counter 0 16 2\n"
)
